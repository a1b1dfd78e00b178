import type { GraphDocument } from "./document";
import { markAt, own, shownEpoch } from "./document";

/** All numbers as CSV (RFC 4180), one row per epoch, the series keys as columns; a value that is no number by its word. */
export function buildCsv(doc: GraphDocument): string {
  const keys = Object.keys(doc.series).filter((key) => key !== "epoch");
  const rows = doc.epochs.map((epoch, i) => [
    String(shownEpoch(doc, epoch)),
    ...keys.map((key) => markAt(doc, key, epoch) ?? String(own(doc.series, key)?.[i] ?? "")),
  ]);
  return formatCsv([["epoch", ...keys], ...rows]);
}

export function formatCsv(rows: string[][]): string {
  return rows.map((row) => row.map(quote).join(",")).join("\r\n") + "\r\n";
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
