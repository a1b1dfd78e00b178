import type { EvaluationNumbers } from "./numbers";

export function EvaluationSection({ numbers }: { numbers: EvaluationNumbers }) {
  return <p>{numbers.images}</p>;
}
