/** One panel with all that its drawing needs: the same for the canvas on the screen and for the SVG file. Pure. */
import type { Cells, Track } from "./alignment";
import type { Column } from "./chartOptions";
import { buildColumns, buildData } from "./chartOptions";
import type { Decoration } from "./decoration";
import { buildDecoration } from "./decoration";
import type { GraphDocument, Values } from "./document";
import { own } from "./document";
import type { Axis, Frame } from "./frame";
import type { Panel } from "./panels";
import { smoothedOnce } from "./smoothing";
import type { View } from "./view";

export interface PanelDrawing {
  panel: Panel;
  columns: Column[];
  /** x, then one array for each column. */
  data: [number[], ...Cells[]];
  axis: Axis;
  isLog: boolean;
  range: [number, number];
  isZoomed: boolean;
  decoration: Decoration;
  /** Series with a value that is no number: their line breaks there. Where others have no value, it goes on. */
  gaps: string[];
}

/** About the width of a wide chart in pixels. */
const BUCKETS = 1000;

export function drawRunPanel(doc: GraphDocument, frame: Frame, panel: Panel, view: View): PanelDrawing {
  const columns = buildColumns(panel, view.hidden, view.smooth);
  const tracks = columns.map((column) => ({ x: frame.x, y: columnValues(doc, column, view.smooth) }));
  return drawTracks(tracks, {
    panel,
    columns,
    axis: frame.axis,
    isLog: view.isLog && panel.canLog,
    range: view.zoom ?? frame.extent,
    isZoomed: view.zoom !== null,
    decoration: buildDecoration(doc, frame, panel, view.hidden),
    gaps: [...new Set(doc.marks.map((mark) => mark.series))],
  });
}

/** @param tracks one for each column. */
export function drawTracks(tracks: Track[], rest: Omit<PanelDrawing, "data">): PanelDrawing {
  return { ...rest, data: buildData(tracks, { range: rest.range, buckets: BUCKETS, isLog: rest.isLog }) };
}

/** Smoothing sees every raw value before any is left out. */
function columnValues(doc: GraphDocument, { kind, line }: Column, smooth: number): Values {
  if (kind === "low") return own(doc.series, line.band?.low ?? "") ?? [];
  if (kind === "high") return own(doc.series, line.band?.high ?? "") ?? [];
  const raw = own(doc.series, line.key) ?? [];
  return kind === "line" && smooth > 0 ? smoothedOnce(raw, smooth) : raw;
}
