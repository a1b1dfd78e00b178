/** Takes lines of the journal, as they arrive, into the graph document. Pure. */
import type { GraphDocument, GraphEvent, Mark, Values } from "./document";
import { own } from "./document";

export interface JournalLine {
  kind: "start" | "epoch" | "event" | "end";
  epoch?: number;
  series?: Record<string, number | string | null>;
  event?: string;
  label?: string;
}

/**
 * @returns the document with the line in it, or as it was when the line is in it already (the server's cursor may stand
 *   a little before the end of its document); null when the line does not simply go on where the document ends (a gap, an
 *   epoch that was there before, a series without a definition, a new attempt): then the document is asked for anew.
 */
export function applyJournal(doc: GraphDocument, line: JournalLine): GraphDocument | null {
  if (line.kind === "epoch") return appendEpoch(doc, line);
  if (line.kind === "event") return appendEvent(doc, line);
  return line.kind === "end" ? doc : null;
}

function appendEpoch(doc: GraphDocument, { epoch, series }: JournalLine): GraphDocument | null {
  const last = doc.epochs.at(-1);
  if (epoch === undefined || !series || last === undefined) return null;
  if (holds(doc, epoch, series)) return doc;
  if (epoch !== last + 1) return null;
  if (Object.keys(series).some((key) => own(doc.series, key) === undefined)) return null;
  const marks: Mark[] = [];
  const take = (key: string): number | null => {
    const value = own(series, key) ?? null;
    if (typeof value !== "string") return value;
    marks.push({ series: key, epoch, value });
    return null;
  };
  const grown = Object.entries(doc.series).map(([key, values]): [string, Values] => [key, [...values, take(key)]]);
  return {
    ...doc,
    epochs: [...doc.epochs, epoch],
    series: Object.fromEntries(grown),
    marks: [...doc.marks, ...marks],
  };
}

function holds(doc: GraphDocument, epoch: number, series: NonNullable<JournalLine["series"]>): boolean {
  const at = doc.epochs.indexOf(epoch);
  const isSame = ([key, value]: [string, number | string | null]): boolean =>
    (own(doc.series, key)?.[at] ?? null) === (typeof value === "string" ? null : value);
  return at >= 0 && Object.entries(series).every(isSame);
}

function appendEvent(doc: GraphDocument, { epoch, event, label }: JournalLine): GraphDocument | null {
  if (epoch === undefined || event === undefined) return null;
  const found: GraphEvent = { epoch, event, label: label ?? "" };
  const isKnown = doc.events.some((one) => one.epoch === epoch && one.event === event);
  return isKnown ? doc : { ...doc, events: [...doc.events, found] };
}
