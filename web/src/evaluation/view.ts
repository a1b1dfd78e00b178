/** What a person chose on the evaluation; it lives in the address, so that a link shows the same. */
import type { Cell } from "./access";
import type { Beta } from "./numbers";

export interface EvaluationView {
  /** "val" or "test"; null for the final one. */
  split: string | null;
  /** The threshold; null for the best one. */
  confidence: number | null;
  /** The class whose curves are shown; null for all. */
  className: string | null;
  /** How much a miss costs against a false alarm. */
  beta: Beta;
  /** Of the confusion matrix, row and column, whose images are shown. */
  cell: Cell | null;
}

/** Cut, never rounded up: the box whose confidence was chosen is to stay above it. */
const DIGITS = 1e6;

export const DEFAULT_EVALUATION: EvaluationView = {
  split: null,
  confidence: null,
  className: null,
  beta: "1",
  cell: null,
};

export function readEvaluation(params: URLSearchParams): EvaluationView {
  const confidence = Number(params.get("confidence") ?? NaN);
  const beta = params.get("beta");
  const [truth = NaN, seen = NaN] = (params.get("cell") ?? "").split("~").map((text) => (text ? Number(text) : NaN));
  const isCell = [truth, seen].every((place) => Number.isInteger(place) && place >= 0);
  return {
    split: params.get("split"),
    confidence: confidence >= 0 && confidence <= 1 ? confidence : null,
    className: params.get("of"),
    beta: beta === "0.5" || beta === "2" ? beta : "1",
    cell: isCell ? [truth, seen] : null,
  };
}

export function writeEvaluation(params: URLSearchParams, view: EvaluationView): void {
  if (view.split !== null) params.set("split", view.split);
  if (view.confidence !== null) params.set("confidence", String(Math.floor(view.confidence * DIGITS) / DIGITS));
  if (view.className !== null) params.set("of", view.className);
  if (view.beta !== "1") params.set("beta", view.beta);
  if (view.cell) params.set("cell", view.cell.join("~"));
}
