/** What an evaluation says about mistakes, in words. Pure. */
import type { CellBox, ErrorTypes, Recommendation, Suspicion } from "./numbers";

const ERROR_WORDS: Record<string, [title: string, sentence: string]> = {
  location: ["Loose box", "right class, but the box overlaps the object too little"],
  classification: ["Wrong class", "the box fits, the class is another"],
  duplicate: ["Duplicate", "a second box on an object that is found already"],
  background: ["False alarm", "a box where there is no object"],
  both: ["Loose and wrong class", "neither box nor class fit"],
  missed: ["Missed", "an object that no box is near to"],
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
