/** Reading numbers off the curves of an evaluation. Pure. */
import { own } from "../graphs/document";
import type { Beta, ByClass, ChosenThreshold, Curves, EvaluationNumbers, ExampleBox, Threshold } from "./numbers";

/** Index of the value nearest to a target; the first on ties. */
export function nearestIndex(values: number[], target: number): number {
  let nearest = 0;
  values.forEach((value, i) => {
    if (Math.abs(value - target) < Math.abs((values[nearest] ?? Infinity) - target)) nearest = i;
  });
  return nearest;
}

/** The curves of one class, or of the mean of all; null where the evaluation has none. */
export function curvesOf(numbers: EvaluationNumbers, className: string | null): Curves | null {
  const { curves } = numbers;
  if (!curves) return null;
  if (className === null) return curves;
  const one = own(curves.per_class, className);
  if (!one) return null;
  const { precision, recall, pr } = one;
  return {
    confidence: curves.confidence,
    precision,
    recall,
    pr: { recall: pr.recall ?? curves.pr.recall, precision: pr.precision },
  };
}

/** F at each confidence, of one class or the mean over classes; beta says how many times recall matters more. */
export function fCurve(numbers: EvaluationNumbers, className: string | null, beta: Beta): (number | null)[] {
  if (className === null) return numbers.curves?.[`f${beta}`] ?? [];
  const curves = curvesOf(numbers, className);
  return curves?.precision.map((precision, i) => fScore(precision, curves.recall[i], Number(beta))) ?? [];
}

/** F-beta; 0 when nothing is detected, null without labels. */
export function fScore(precision: number | null | undefined, recall: number | null | undefined, beta: number) {
  if (recall === null || recall === undefined) return null;
  const square = beta * beta;
  const below = square * (precision ?? 0) + recall;
  return below === 0 ? 0 : ((1 + square) * (precision ?? 0) * recall) / below;
}

export interface ChosenHere {
  /** What the split that chose says. */
  best: Threshold;
  /** What it is worth on the split that is shown; null where this is the split that chose. */
  checked: ChosenThreshold["checked"] | null;
  /** What the split that is shown would choose. */
  own: Threshold | null;
}

/** The threshold for a beta, of all classes or one: chosen on val where val was evaluated too. */
export function chosenOf(numbers: EvaluationNumbers, className: string | null, beta: number): ChosenHere | null {
  const pick = <T>(lists: ByClass<T>[] | undefined): T | null => {
    const list = lists?.find((one) => one.beta === beta);
    return (className === null ? list?.all : own(list?.per_class, className)) ?? null;
  };
  const here = pick(numbers.thresholds);
  if (!numbers.chosen) return here && { best: here, checked: null, own: here };
  const chosen = pick(numbers.chosen);
  return chosen && { best: chosen.chosen, checked: chosen.checked, own: here };
}

interface Reading {
  precision: number | null;
  recall: number | null;
  f: number | null;
}

const SAME = 1e-5;

/** What holds at a threshold, of all classes or one: as it is told of the chosen one, else off the curves. */
export function readingAt(
  numbers: EvaluationNumbers,
  className: string | null,
  beta: Beta,
  confidence: number,
): Reading {
  const chosen = chosenOf(numbers, className, Number(beta));
  if (chosen && Math.abs(chosen.best.confidence - confidence) < SAME) {
    const { precision, recall, f } = chosen.checked ?? chosen.best;
    return { precision, recall, f };
  }
  const curves = curvesOf(numbers, className);
  const at = nearestIndex(curves?.confidence ?? [], confidence);
  const f = fCurve(numbers, className, beta)[at] ?? null;
  return { precision: curves?.precision[at] ?? null, recall: curves?.recall[at] ?? null, f };
}

/** Intersection over union of two boxes (x1, y1, x2, y2): the overlap counted once. */
export function iou(a: ExampleBox["box_xyxy"], b: ExampleBox["box_xyxy"]): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: ExampleBox["box_xyxy"]): number => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
}

/**
 * Pairs predictions with ground truth of their class at IoU 0.5, the most confident first, each box once.
 *
 * @returns which ground truth was found and which prediction is right, by index.
 */
export function matchExample(
  truth: ExampleBox[],
  predictions: ExampleBox[],
): { found: Set<number>; right: Set<number> } {
  const found = new Set<number>();
  const right = new Set<number>();
  const order = predictions.map((_, i) => i);
  order.sort((a, b) => (predictions[b]?.confidence ?? 0) - (predictions[a]?.confidence ?? 0));
  for (const i of order) {
    const box = predictions[i];
    if (!box) continue;
    let taken = -1;
    let overlap = 0.5;
    truth.forEach((one, j) => {
      if (one.class_name !== box.class_name || found.has(j)) return;
      const now = iou(one.box_xyxy, box.box_xyxy);
      if (now >= overlap) [taken, overlap] = [j, now];
    });
    if (taken >= 0) {
      found.add(taken);
      right.add(i);
    }
  }
  return { found, right };
}

interface Mistake {
  count: number;
  text: string;
  cell: [truth: number, prediction: number];
}

/** What goes wrong most often, in words; rows of the matrix are truth, the last row and column are background. */
export function commonMistakes(
  { classes, matrix }: { classes: string[]; matrix: number[][] },
  most: number,
): Mistake[] {
  const background = classes.length - 1;
  const mistakes: Mistake[] = [];
  matrix.forEach((row, truth) =>
    row.forEach((count, seen) => {
      if (count === 0 || truth === seen) return;
      const [a, b] = [classes[truth] ?? "", classes[seen] ?? ""];
      const text =
        seen === background
          ? `${a} missed`
          : truth === background
            ? `${b} seen where there is none`
            : `${a} taken for ${b}`;
      mistakes.push({ count, text, cell: [truth, seen] });
    }),
  );
  return mistakes.sort((a, b) => b.count - a.count).slice(0, most);
}
