/** The graph of several runs: its drawing, its extent, and its numbers as a file. Pure. */
import type { Column } from "../graphs/chartOptions";
import { buildColumns } from "../graphs/chartOptions";
import { formatCsv } from "../graphs/csv";
import { NO_DECORATION } from "../graphs/decoration";
import type { GraphDocument, Values } from "../graphs/document";
import { markAt, own, shownEpoch } from "../graphs/document";
import { lowerBound } from "../graphs/alignment";
import type { PanelDrawing } from "../graphs/panelDrawing";
import { drawTracks } from "../graphs/panelDrawing";
import type { Panel } from "../graphs/panels";
import { smoothedOnce } from "../graphs/smoothing";
import type { CompareView } from "../graphs/view";
import type { OverlayLine } from "./comparison";
import { positions, runKey } from "./comparison";

/** From the first to the last point of the lines that are drawn; never of no width. */
export function extentOf(lines: OverlayLine[]): [number, number] {
  const ends = lines.flatMap(({ x }) => (x.length > 0 ? [x[0] as number, x.at(-1) as number] : []));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  if (!(low <= high)) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

export function drawOverlay(
  documents: GraphDocument[],
  lines: OverlayLine[],
  { title, metric }: { title: string; metric: string },
  view: CompareView,
): PanelDrawing {
  const shown = lines.filter(({ key }) => !view.hidden.includes(key));
  const panel: Panel = {
    id: "runs",
    title,
    unit: "",
    lines: lines.map(toLine),
    isFraction: /^(metrics|class)\//.test(metric) && !view.isLog,
    canLog: true,
  };
  const columns = buildColumns(panel, view.hidden, view.smooth);
  const byKey = new Map(lines.map((line) => [line.key, line]));
  const marks = marksOf(documents, shown, metric, view);
  return drawTracks(
    columns.map((column) => trackOf(column, byKey, view.smooth)),
    {
      panel,
      columns,
      axis: view.along,
      isLog: view.isLog,
      range: view.zoom ?? extentOf(shown),
      isZoomed: view.zoom !== null,
      decoration: { ...NO_DECORATION, marks },
      gaps: documents.flatMap((doc, run) => (doc.marks.some(({ series }) => series === metric) ? [runKey(run)] : [])),
    },
  );
}

function toLine({ key, title, hue, dash, width, low }: OverlayLine): Panel["lines"][number] {
  return { key, title, hue, dash, width, ...(low ? { band: { low: "", high: "" } } : {}) };
}

function trackOf({ kind, line }: Column, byKey: Map<string, OverlayLine>, smooth: number) {
  const from = byKey.get(line.key);
  const raw: Values = from?.y ?? [];
  const y = { low: from?.low ?? [], high: from?.high ?? [], raw, line: smooth > 0 ? smoothedOnce(raw, smooth) : raw };
  return { x: from?.x ?? [], y: y[kind] };
}

/** Values that are no numbers, of the runs that are drawn. */
function marksOf(documents: GraphDocument[], shown: OverlayLine[], metric: string, { along }: CompareView) {
  return documents.flatMap((doc, run) => {
    const line = shown.find(({ key }) => key === runKey(run));
    const x = line && positions(doc, along);
    if (!line || !x) return [];
    return doc.marks.flatMap(({ series, epoch, value }) => {
      const at = x[lowerBound(doc.epochs, epoch)];
      return series === metric && at !== undefined ? [{ x: at, value, hue: line.hue }] : [];
    });
  });
}

/** One row for each epoch of each run that is drawn, with every place along x that its log knows. */
export function buildOverlayCsv(documents: GraphDocument[], metric: string, hidden: string[]): string {
  const rows = documents.flatMap((doc, run) => {
    const values = own(doc.series, metric);
    if (!values || hidden.includes(runKey(run))) return [];
    const [seconds, share] = [positions(doc, "time"), positions(doc, "share")];
    return doc.epochs.map((epoch, i) => [
      safeTitle(doc.name),
      String(shownEpoch(doc, epoch)),
      String(seconds?.[i] ?? ""),
      String(share?.[i] ?? ""),
      markAt(doc, metric, epoch) ?? String(values[i] ?? ""),
    ]);
  });
  return formatCsv([["run", "epoch", "seconds", "part of the schedule", metric], ...rows]);
}

/** A spreadsheet must not take a name for a formula. */
function safeTitle(name: string): string {
  return /^[=+\-@\t]/.test(name) ? `'${name}` : name;
}
