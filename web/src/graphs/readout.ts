/** All values of one epoch, in groups, ready to be shown. Pure. */
import { formatDuration, formatFraction, formatValue } from "../ui/format";
import type { GraphDocument } from "./document";
import { markAt, own, shownEpoch } from "./document";
import { CONFIDENCE, EPOCH_S, groupOf, isBound, parseClassKey, titleOf } from "./panels";

interface ReadoutRow {
  key: string;
  title: string;
  text: string;
  isNaN: boolean;
  /** The interval, or the confidence at which a value holds. */
  note: string | null;
}

export interface ReadoutGroup {
  id: string;
  title: string;
  rows: ReadoutRow[];
}

const GROUPS: [string, string][] = [
  ["losses", "Losses"],
  ["metrics", "Metrics on val"],
  ["class", "AP per class"],
  ["lr", "Learning rate"],
  ["time", "Time"],
  ["other", "Other"],
];

/**
 * @param index of the epoch in the document.
 * @param classKeys series of the classes that are drawn; the others stay in the table.
 */
export function buildReadout(doc: GraphDocument, index: number, classKeys: string[]): ReadoutGroup[] {
  const keys = Object.keys(doc.series).filter(
    (key) => key !== "epoch" && !isBound(key) && (parseClassKey(key) === null || classKeys.includes(key)),
  );
  return GROUPS.map(([id, title]) => ({
    id,
    title,
    rows: keys.filter((key) => groupOf(doc, key) === id).map((key) => buildRow(doc, key, index)),
  })).filter((group) => group.rows.length > 0);
}

function buildRow(doc: GraphDocument, key: string, index: number): ReadoutRow {
  const mark = markAt(doc, key, doc.epochs[index] ?? NaN);
  const value = own(doc.series, key)?.[index] ?? null;
  return {
    key,
    title: parseClassKey(key)?.name ?? titleOf(doc, key),
    text: mark ?? (key === EPOCH_S ? formatDuration(value) : formatValue(value)),
    isNaN: mark !== undefined,
    note: noteOf(doc, key, index),
  };
}

function noteOf(doc: GraphDocument, key: string, index: number): string | null {
  const at = (name: string): number | null => own(doc.series, name)?.[index] ?? null;
  const [low, high] = [at(`${key}/low`), at(`${key}/high`)];
  if (low !== null && high !== null) return `${formatFraction(low)} to ${formatFraction(high)}`;
  if (key === "metrics/precision" || key === "metrics/recall") {
    const confidence = at(CONFIDENCE);
    return confidence === null ? null : `at confidence ${formatFraction(confidence)}`;
  }
  return null;
}

/** One sentence for people who hear the page. */
export function speakReadout(doc: GraphDocument, index: number, groups: ReadoutGroup[]): string {
  const values = groups.flatMap(({ rows }) => rows.map((row) => `${row.title} ${row.text}`));
  return `Epoch ${shownEpoch(doc, doc.epochs[index] ?? 0)}: ${values.join(", ")}`;
}
