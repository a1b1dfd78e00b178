/** What a person does to the boxes of one image, with all steps to be undone and done again. Pure. */
import type { Corners, Size } from "./geometry";
import { boxBetween, carryBox, isLargeEnough } from "./geometry";

export interface Box {
  class_name: string;
  box_xyxy: Corners;
  /** Of a model's box that nobody has changed; null: a person's. */
  confidence: number | null;
  is_draft: boolean;
  is_crowd: boolean;
}

/** What is on an image. */
export interface Labels {
  boxes: readonly Box[];
  /** Without boxes: somebody said that nothing is there. */
  isEmpty: boolean;
}

export interface Editing {
  labels: Labels;
  /** Index of the chosen box. */
  selected: number | null;
  /** The chosen box was drawn just now: its name is the next one's too. */
  isFresh: boolean;
  past: readonly Labels[];
  future: readonly Labels[];
  /** Grows with every change, so that it is known what is saved. */
  version: number;
}

export type Edit =
  | { kind: "add"; box: Corners; className: string }
  | { kind: "place"; index: number; box: Corners }
  | { kind: "nudge"; index: number; box: Corners }
  | { kind: "rename"; index: number; className: string }
  | { kind: "remove"; index: number }
  | { kind: "accept"; index: number | null }
  | { kind: "refuse" }
  | { kind: "empty" }
  | { kind: "paste"; boxes: readonly Box[]; from: Size; to: Size }
  | { kind: "restore"; labels: Labels }
  | { kind: "select"; index: number | null }
  | { kind: "undo" }
  | { kind: "redo" };

const STEPS_MAX = 200;

export function begin(labels: Labels): Editing {
  return { labels, selected: null, isFresh: false, past: [], future: [], version: 0 };
}

export function edit(now: Editing, what: Edit): Editing {
  switch (what.kind) {
    case "select":
      return { ...now, selected: what.index, isFresh: now.isFresh && what.index === now.selected };
    case "undo":
      return travel(now, now.past, now.future, (past, future) => ({ past, future }));
    case "redo":
      return travel(now, now.future, now.past, (future, past) => ({ past, future }));
    case "nudge": // Many small steps of one key are one to be undone.
      return change(now, { boxes: replaced(now, what.index, byHand({ box_xyxy: what.box })) }, what.index, true);
    case "add":
      return { ...change(now, ...changed(now, what)), isFresh: true };
    default:
      return change(now, ...changed(now, what));
  }
}

type Change = Exclude<Edit, { kind: "select" | "undo" | "redo" | "nudge" }>;

/** The labels after a change, and which box is chosen then. */
function changed(now: Editing, what: Change): [Partial<Labels>, number | null] {
  const { boxes } = now.labels;
  switch (what.kind) {
    case "add":
      return [{ boxes: [...boxes, drawn(what.className, what.box)] }, boxes.length];
    case "place":
      return [{ boxes: replaced(now, what.index, byHand({ box_xyxy: what.box })) }, what.index];
    case "rename":
      return [{ boxes: replaced(now, what.index, byHand({ class_name: what.className })) }, what.index];
    case "remove":
      return [{ boxes: boxes.filter((_, i) => i !== what.index) }, null];
    case "accept":
      return [
        { boxes: boxes.map((one, i) => (what.index === null || what.index === i ? { ...one, is_draft: false } : one)) },
        now.selected,
      ];
    case "refuse":
      return [{ boxes: boxes.filter((one) => !one.is_draft) }, null];
    case "empty":
      return [{ boxes: [], isEmpty: true }, null];
    case "restore":
      return [what.labels, null];
    case "paste": {
      const bounds = ([x1, y1, x2, y2]: Corners): Corners => boxBetween([x1, y1], [x2, y2], what.to);
      const carried = what.boxes
        .map((one) => drawn(one.class_name, bounds(carryBox(one.box_xyxy, what.from, what.to))))
        .filter((one) => isLargeEnough(one.box_xyxy));
      return [{ boxes: [...boxes, ...carried] }, null];
    }
  }
}

function change(now: Editing, labels: Partial<Labels>, selected: number | null, joins = false): Editing {
  const boxes = labels.boxes ?? now.labels.boxes;
  const isEmpty = boxes.length === 0 && (labels.isEmpty ?? false);
  const isSame = boxes.length === now.labels.boxes.length && boxes.every((one, i) => one === now.labels.boxes[i]);
  const isFresh = now.isFresh && selected !== null && selected === now.selected;
  if (isSame && isEmpty === now.labels.isEmpty) return { ...now, selected, isFresh };
  const past = joins && now.selected === selected && isNudged(now) ? now.past : [...now.past, now.labels];
  const labelled = { boxes, isEmpty };
  return { labels: labelled, selected, isFresh, past: past.slice(-STEPS_MAX), future: [], version: now.version + 1 };
}

/** Whether the last step was one of the same box that was moved only: then the next small one joins it. */
function isNudged(now: Editing): boolean {
  const before = now.past.at(-1)?.boxes;
  if (before?.length !== now.labels.boxes.length || now.future.length > 0) return false;
  const moved = now.labels.boxes.flatMap((one, i) => (one === before[i] ? [] : [i]));
  return moved.length === 1 && moved[0] === now.selected && isSameSize(before, now.labels.boxes, moved[0]);
}

function isSameSize(before: readonly Box[], after: readonly Box[], index: number): boolean {
  const [a, b] = [before[index], after[index]];
  if (!a || !b || a.class_name !== b.class_name) return false;
  const side = ([x1, y1, x2, y2]: Corners): [number, number] => [x2 - x1, y2 - y1];
  const [[aw, ah], [bw, bh]] = [side(a.box_xyxy), side(b.box_xyxy)];
  return Math.abs(aw - bw) < 1e-6 && Math.abs(ah - bh) < 1e-6;
}

function travel(
  now: Editing,
  from: readonly Labels[],
  to: readonly Labels[],
  stacks: (from: readonly Labels[], to: readonly Labels[]) => Pick<Editing, "past" | "future">,
): Editing {
  const labels = from.at(-1);
  if (!labels) return now;
  return {
    labels,
    selected: null,
    isFresh: false,
    version: now.version + 1,
    ...stacks(from.slice(0, -1), [...to, now.labels]),
  };
}

/** What a person changes is theirs: no draft, and not as sure as the model was. */
function byHand(what: Partial<Box>): Partial<Box> {
  return { ...what, is_draft: false, confidence: null };
}

function drawn(className: string, box: Corners): Box {
  return { class_name: className, box_xyxy: box, confidence: null, is_draft: false, is_crowd: false };
}

function replaced(now: Editing, index: number, by: Partial<Box>): Box[] {
  return now.labels.boxes.map((one, i) => (i === index && !isEqual(one, by) ? { ...one, ...by } : one));
}

function isEqual(one: Box, by: Partial<Box>): boolean {
  const corners = by.box_xyxy ?? one.box_xyxy;
  return corners.every((value, i) => value === one.box_xyxy[i]) && (by.class_name ?? one.class_name) === one.class_name;
}
