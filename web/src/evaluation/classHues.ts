import type { EvaluationNumbers } from "./numbers";

/** A hue for each class, 1 to 7, the same in every picture. */
export function classHues(numbers: EvaluationNumbers): Map<string, number> {
  const names = numbers.confusion?.classes.slice(0, -1) ?? Object.keys(numbers.per_class ?? {});
  return new Map(names.map((name, i) => [name, (i % 7) + 1]));
}
