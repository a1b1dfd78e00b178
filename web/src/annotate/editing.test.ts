import { expect, test } from "vitest";
import type { Box, Edit, Editing } from "./editing";
import { begin, edit } from "./editing";

const DRAFT: Box = {
  class_name: "dog",
  box_xyxy: [0, 0, 10, 10],
  confidence: 0.8,
  is_draft: true,
  is_crowd: false,
};
const COW: Box = { ...DRAFT, class_name: "cow", confidence: null, is_draft: false };

function after(start: Box[], ...edits: Edit[]): Editing {
  return edits.reduce(edit, begin({ boxes: start, isEmpty: false }));
}

const names = (now: Editing): string => now.labels.boxes.map((one) => one.class_name).join(" ");

test("a drawn box is a person's, and chosen", () => {
  const now = after([DRAFT], { kind: "add", box: [1, 2, 3, 4], className: "cat" });
  expect(now.labels.boxes[1]).toEqual({ ...COW, class_name: "cat", box_xyxy: [1, 2, 3, 4] });
  expect([now.selected, now.version]).toEqual([1, 1]);
});

test("a draft is taken as it is, with the model's confidence; changed by hand it is a person's", () => {
  const taken = after([DRAFT, DRAFT], { kind: "accept", index: 1 });
  expect(taken.labels.boxes).toEqual([DRAFT, { ...DRAFT, is_draft: false }]);
  expect(after([DRAFT, DRAFT], { kind: "accept", index: null }).labels.boxes.some((one) => one.is_draft)).toBe(false);
  const moved = after([DRAFT], { kind: "place", index: 0, box: [1, 1, 11, 11] });
  expect(moved.labels.boxes[0]).toEqual({ ...COW, class_name: "dog", box_xyxy: [1, 1, 11, 11] });
  const renamed = after([DRAFT], { kind: "rename", index: 0, className: "cat" });
  expect(renamed.labels.boxes[0]).toEqual({ ...COW, class_name: "cat" });
});

test("refusing takes the drafts alone away", () => {
  expect(names(after([DRAFT, COW, DRAFT], { kind: "refuse" }))).toBe("cow");
});

test("all can be undone and done again, and a new step forgets what was undone", () => {
  const now = after([COW], { kind: "add", box: [0, 0, 5, 5], className: "cat" }, { kind: "remove", index: 0 });
  expect(names(now)).toBe("cat");
  const back = edit(now, { kind: "undo" });
  expect(names(back)).toBe("cow cat");
  expect(names(edit(back, { kind: "undo" }))).toBe("cow");
  expect(names(edit(back, { kind: "redo" }))).toBe("cat");
  const other = edit(back, { kind: "rename", index: 0, className: "pig" });
  expect(names(edit(other, { kind: "redo" }))).toBe("pig cat");
  const start = begin({ boxes: [], isEmpty: false });
  expect(edit(start, { kind: "undo" })).toBe(start);
});

test("nothing changed is no step", () => {
  const now = after(
    [COW],
    { kind: "place", index: 0, box: [0, 0, 10, 10] },
    { kind: "rename", index: 0, className: "cow" },
  );
  expect([now.version, now.past.length]).toEqual([0, 0]);
});

test("small moves of one box are one step to be undone", () => {
  const nudge = (x: number): Edit => ({ kind: "nudge", index: 0, box: [x, 0, x + 10, 10] });
  const now = after([COW, COW], { kind: "select", index: 0 }, nudge(1), nudge(2), nudge(3));
  expect(now.labels.boxes[0]?.box_xyxy).toEqual([3, 0, 13, 10]);
  expect(edit(now, { kind: "undo" }).labels.boxes[0]?.box_xyxy).toEqual([0, 0, 10, 10]);
});

test("without boxes an image is unlabelled, unless somebody says that nothing is there", () => {
  const removed = after([COW], { kind: "remove", index: 0 });
  expect(removed.labels).toEqual({ boxes: [], isEmpty: false });
  const said = edit(removed, { kind: "empty" });
  expect(said.labels.isEmpty).toBe(true);
  expect(edit(said, { kind: "add", box: [0, 0, 5, 5], className: "cat" }).labels.isEmpty).toBe(false);
  expect(edit(said, { kind: "undo" }).labels.isEmpty).toBe(false);
});

test("boxes of another image come as a person's, within this one", () => {
  const boxes = [DRAFT, { ...COW, box_xyxy: [90, 90, 100, 100] as const }];
  const now = after([], { kind: "paste", boxes, from: [100, 100], to: [200, 50] });
  expect(now.labels.boxes).toEqual([
    { ...COW, class_name: "dog", box_xyxy: [0, 0, 20, 5] },
    { ...COW, box_xyxy: [180, 45, 200, 50] },
  ]);
});

test("a box is fresh from its drawing until another or none is chosen", () => {
  const add: Edit = { kind: "add", box: [1, 2, 3, 4], className: "cat" };
  const place: Edit = { kind: "place", index: 1, box: [1, 2, 5, 6] };
  const named = after([COW], add, place, { kind: "rename", index: 1, className: "dog" });
  expect([named.isFresh, names(named)]).toEqual([true, "cow dog"]);
  expect(names(edit(named, { kind: "undo" }))).toBe("cow cat");
  const ends: Edit[] = [
    { kind: "select", index: null },
    { kind: "select", index: 0 },
    { kind: "remove", index: 1 },
    { kind: "undo" },
  ];
  expect(ends.map((one) => edit(named, one).isFresh)).toEqual([false, false, false, false]);
  expect(after([COW], { kind: "select", index: 0 }, { kind: "rename", index: 0, className: "dog" }).isFresh).toBe(
    false,
  );
});
