/** The graph document: what the server, the run page and the report exchange. See ARCHITECTURE.md. */
import type { EvaluationNumbers } from "../evaluation/numbers";

export type Values = (number | null)[];
type Severity = "info" | "warning" | "error";

export interface Definition {
  title: string;
  group: string;
  sentence: string;
  better: "lower" | "higher" | null;
}

/** A value that is no number: drawn as a mark, never as zero and never as a silent gap. */
export interface Mark {
  series: string;
  epoch: number;
  value: string;
}

export interface GraphEvent {
  epoch: number;
  event: string;
  label: string;
}

/** Points that a resume wrote anew. */
interface Superseded {
  attempt: number;
  epochs: number[];
  series: Record<string, Values>;
}

export interface Finding {
  id: string;
  severity: Severity;
  epochs: number[];
  evidence: Record<string, unknown>;
  message: string;
  remedy: string;
  /** The command of ours that does it; empty where none helps. */
  command?: string;
  confidence: number;
  /** The rule in words with its threshold, where it is from, and what would change the finding. */
  rule?: string;
  source?: string;
  would_change?: string;
}

export interface Best {
  epoch: number;
  metric: string;
  value: number;
}

export interface DatasetSummary {
  path?: string;
  format?: string;
  images?: number;
  annotations?: number;
  classes?: string[];
  splits?: Record<string, unknown>;
  version?: DatasetVersion | null;
}

/** The frozen dataset that a run was trained on, and how its train images were varied once and for all. */
export interface DatasetVersion {
  dataset: string;
  number: number;
  content_hash: string;
  augmentation: Record<string, unknown>;
}

export interface GraphDocument {
  name: string;
  source: { format: string; path: string };
  first_epoch: number;
  epochs: number[];
  epochs_planned: number | null;
  series: Record<string, Values>;
  marks: Mark[];
  superseded: Superseded[];
  events: GraphEvent[];
  best: Best | null;
  verdict: string;
  findings: Finding[];
  definitions: Record<string, Definition>;
  notes?: string[];
  recipe?: Record<string, unknown>;
  reasons?: Record<string, string>;
  dataset?: DatasetSummary;
  evaluation?: EvaluationNumbers;
  /** Beside an evaluation on test. */
  evaluation_val?: EvaluationNumbers;
  /** Position in the journal; only from a server. */
  cursor?: number | string;
}

export interface ReportContent {
  documents: GraphDocument[];
  /** As it came; compare/comparison.ts reads it. */
  comparison?: unknown;
}

/** Looks up a key that may be called "constructor" or "__proto__": class names come from strangers. */
export function own<T>(record: Record<string, T> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

const words = new WeakMap<Mark[], Map<string, string>>();

/** The word of a value that is no number; undefined where there is none. A run that died may have a hundred thousand. */
export function markAt({ marks }: Pick<GraphDocument, "marks">, key: string, epoch: number): string | undefined {
  let found = words.get(marks);
  if (!found) words.set(marks, (found = new Map(marks.map((mark) => [`${mark.epoch}\n${mark.series}`, mark.value]))));
  return found.get(`${epoch}\n${key}`);
}

/** Epochs are shown from 1, whatever the log counts from. */
export function shownEpoch(doc: Pick<GraphDocument, "first_epoch">, epoch: number): number {
  return epoch + 1 - doc.first_epoch;
}

/** Takes one graph document, or `{documents: [...]}`, and fills in what may be left out. */
export function readContent(json: unknown): ReportContent {
  if (typeof json !== "object" || json === null) throw new Error("expected a graph document, found " + typeof json);
  const many = (json as { documents?: unknown }).documents;
  const found = Array.isArray(many) ? many : [json];
  const { comparison } = json as { comparison?: unknown };
  return { documents: found.map((one) => readDocument(one)), ...(comparison ? { comparison } : {}) };
}

export function readDocument(json: unknown): GraphDocument {
  const doc = json as Partial<GraphDocument> | null;
  if (!doc || !Array.isArray(doc.epochs) || typeof doc.series !== "object") {
    throw new Error("expected a graph document with epochs and series");
  }
  return inEpochOrder({
    ...doc,
    name: doc.name ?? "unnamed",
    source: doc.source ?? { format: "unknown", path: "" },
    first_epoch: doc.first_epoch ?? 1,
    epochs: doc.epochs,
    epochs_planned: doc.epochs_planned ?? null,
    series: doc.series,
    marks: doc.marks ?? [],
    superseded: doc.superseded ?? [],
    events: doc.events ?? [],
    best: doc.best ?? null,
    verdict: doc.verdict ?? "cannot_tell",
    findings: doc.findings ?? [],
    definitions: doc.definitions ?? {},
  });
}

/** Charts need a rising x; a log whose epochs jump back is sorted here. */
function inEpochOrder(doc: GraphDocument): GraphDocument {
  const epochs = doc.epochs;
  if (epochs.every((epoch, i) => i === 0 || epoch > (epochs[i - 1] ?? -Infinity))) return doc;
  const order = epochs.map((_, i) => i).sort((a, b) => (epochs[a] ?? 0) - (epochs[b] ?? 0));
  const sorted = <T>(values: T[]): T[] => order.map((i) => values[i] as T);
  const series = Object.fromEntries(Object.entries(doc.series).map(([key, values]) => [key, sorted(values)]));
  return { ...doc, epochs: sorted(epochs), series };
}
