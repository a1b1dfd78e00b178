/** What an evaluation says about mistakes, in words. Pure. */
import type { DrawnBox } from "./BoxedImage";
import type { CellBox, ErrorTypes, EvaluatedImage, Recommendation, Suspicion } from "./numbers";

const ERROR_WORDS: Record<string, [title: string, sentence: string]> = {
  location: ["Loose box", "right class, but the box overlaps the object too little"],
  classification: ["Wrong class", "the box fits, the class is another"],
  duplicate: ["Duplicate", "a second box on an object that is found already"],
  background: ["False alarm", "a box where there is no object"],
  both: ["Loose and wrong class", "neither box nor class fit"],
  missed: ["Missed", "an object that no box is near to"],
  all_false_positives: ["All false alarms", "a box that is not right, whatever its kind"],
  all_missed: ["All missed", "an object that is not found, whatever the reason"],
};

export interface ErrorBar {
  id: string;
  title: string;
  sentence: string;
  gain: number;
  count: number;
}

/** The error types, the one whose mending gains most first. */
export function errorBars(errors: ErrorTypes): ErrorBar[] {
  return Object.entries(errors.types)
    .map(([id, { gain, count, count_at_confidence: shown }]) => {
      const [title, sentence] = Object.hasOwn(ERROR_WORDS, id) ? (ERROR_WORDS[id] ?? [id, ""]) : [id, ""];
      return { id, title, sentence, gain: gain ?? 0, count: shown ?? count };
    })
    .sort((a, b) => b.gain - a.gain);
}

export const KIND_WORDS = {
  all: "All",
  overlooked: "Overlooked",
  swapped: "Swapped class",
  badly_placed: "Badly placed",
};

export function suspicionText({ kind, class_name: name, suggested_class_name: suggested }: Suspicion): string {
  if (kind === "overlooked") return `${suggested ?? "Something"} may be without a box`;
  if (kind === "swapped") return `${name ?? "This"} may be ${suggested ?? "another class"}`;
  return `The box around ${name ?? "this"} may be badly placed`;
}

/** The numbers that set a recommendation off, such as "missed 134, annotations 805". */
export function triggerText({ evidence }: Recommendation): string {
  return Object.entries(evidence)
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "number" ? tidy(value) : String(value)}`)
    .join(", ");
}

export function boxText(box: readonly number[] | null | undefined): string {
  return box ? box.map((v) => Math.round(v)).join(", ") : "none";
}

/** Boxes of a cell by image, in the order in which the images appear. */
export function byImage(boxes: CellBox[]): Map<string, CellBox[]> {
  const found = new Map<string, CellBox[]>();
  for (const box of boxes) found.set(box.file_name, [...(found.get(box.file_name) ?? []), box]);
  return found;
}

function tidy(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en-US") : value.toFixed(3);
}

/** What a cell of the confusion matrix counts; the last class is background. */
export function cellTitle(classes: string[], [truth, seen]: [number, number]): string {
  const background = classes.length - 1;
  const [a, b] = [classes[truth] ?? "", classes[seen] ?? ""];
  if (seen === background) return `${a}, missed`;
  if (truth === background) return `${b}, seen where no annotation is, or seen twice`;
  return truth === seen ? `${a}, found` : `${a} taken for ${b}`;
}

/** The boxes of an image: those of the cell drawn strongly, the others faintly, below them. */
export function cellBoxes({ ground_truth, predictions }: EvaluatedImage): DrawnBox[] {
  const boxes = [
    ...ground_truth.map((one) => ({ one, hue: 1, isDashed: false })),
    ...predictions.map((one) => ({ one, hue: 2, isDashed: true })),
  ].map(({ one, hue, isDashed }) => {
    const title = `${one.class_name}${one.confidence === undefined ? ", annotation" : `, model, ${one.confidence.toFixed(3)}`}`;
    return { box: one.box_xyxy, hue, isDashed, isFaint: !one.in_cell, title };
  });
  return [...boxes.filter((box) => box.isFaint), ...boxes.filter((box) => !box.isFaint)];
}

/** A part of an image with boxes in its middle and as much again around them; all of it when they fill most of it. */
export function partAround(
  boxes: (readonly number[] | null)[],
  [width, height]: [number, number],
): [number, number, number, number] | undefined {
  const known = boxes.filter((box) => box !== null);
  const [x1, y1, x2, y2] = [0, 1, 2, 3].map((at) =>
    Math[at < 2 ? "min" : "max"](...known.map((box) => box[at] ?? 0)),
  ) as [number, number, number, number];
  const side = Math.round(Math.max(x2 - x1, y2 - y1, Math.max(width, height) / 12) * 2);
  if (known.length === 0 || side >= 0.8 * Math.min(width, height)) return undefined;
  const left = Math.round(Math.min(Math.max(0, (x1 + x2 - side) / 2), width - side));
  const top = Math.round(Math.min(Math.max(0, (y1 + y2 - side) / 2), height - side));
  return [left, top, left + side, top + side];
}
