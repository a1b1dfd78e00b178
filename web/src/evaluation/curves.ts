/** Reading numbers off the curves of an evaluation. Pure. */
import { own } from "../graphs/document";
import type { Curves, EvaluationNumbers, ExampleBox } from "./numbers";

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
  return one ? { confidence: curves.confidence, ...one } : null;
}

/** Confidence with the highest F1, and the range around it where F1 is within 1 % of that. */
export function bestConfidence(curves: Curves): { best: number; from: number; to: number; f1: number } | null {
  const f1 = curves.f1.map((value) => value ?? -1);
  const top = Math.max(...f1);
  if (!(top > 0)) return null;
  const at = f1.indexOf(top);
  let [from, to] = [at, at];
  while (from > 0 && (f1[from - 1] ?? -1) >= 0.99 * top) from--;
  while (to < f1.length - 1 && (f1[to + 1] ?? -1) >= 0.99 * top) to++;
  const { confidence } = curves;
  return { best: confidence[at] ?? 0, from: confidence[from] ?? 0, to: confidence[to] ?? 1, f1: top };
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

export interface Mistake {
  count: number;
  text: string;
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
      mistakes.push({ count, text });
    }),
  );
  return mistakes.sort((a, b) => b.count - a.count).slice(0, most);
}
