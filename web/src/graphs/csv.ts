import type { GraphDocument } from "./document";
import { own, shownEpoch } from "./document";

/** All numbers as CSV (RFC 4180), one row per epoch, the series keys as columns; a value that is no number by its word. */
export function buildCsv(doc: GraphDocument): string {
  const keys = Object.keys(doc.series).filter((key) => key !== "epoch");
  const marks = new Map(doc.marks.map((mark) => [`${mark.epoch}\n${mark.series}`, mark.value]));
  const rows = doc.epochs.map((epoch, i) => [
    String(shownEpoch(doc, epoch)),
    ...keys.map((key) => marks.get(`${epoch}\n${key}`) ?? String(own(doc.series, key)?.[i] ?? "")),
  ]);
  return [["epoch", ...keys], ...rows].map((row) => row.map(quote).join(",")).join("\r\n") + "\r\n";
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
