/** The x axis: epochs counted from 1, or the time since the start. Pure. */
import { lowerBound } from "./alignment";
import type { GraphDocument } from "./document";
import { own, shownEpoch } from "./document";
import { formatDuration } from "../ui/format";
import { EPOCH_S } from "./panels";

/** What stands along x: epochs from 1, seconds since the start, or which part of the plan is done. */
export type Axis = "epoch" | "time" | "share";

export const AXIS_NAMES: Record<Axis, string> = {
  epoch: "epoch",
  time: "time since the start",
  share: "part of the schedule",
};

export interface Frame {
  axis: "epoch" | "time";
  /** One per epoch, rising. Epochs from 1, or seconds at the end of the epoch. */
  x: number[];
  /** The whole axis when nothing is zoomed. */
  extent: [number, number];
}

/** Seconds since the start at the end of each epoch; null when the log does not say for every epoch. */
export function elapsedSeconds(doc: GraphDocument): number[] | null {
  const seconds = own(doc.series, EPOCH_S);
  if (!seconds || seconds.some((s) => s === null || s <= 0)) return null;
  let sum = 0;
  return seconds.map((s) => (sum += s ?? 0));
}

/**
 * @param isLive leaves room for the epochs that are still to come.
 */
export function buildFrame(doc: GraphDocument, axis: "epoch" | "time", isLive: boolean): Frame {
  const elapsed = axis === "time" ? elapsedSeconds(doc) : null;
  const x = elapsed ?? doc.epochs.map((epoch) => shownEpoch(doc, epoch));
  const first = x[0] ?? 1;
  const last = x.at(-1) ?? first;
  if (elapsed) {
    const planned = isLive && doc.epochs_planned ? (last * doc.epochs_planned) / x.length : last;
    return { axis: "time", x, extent: [0, Math.max(planned, 1)] };
  }
  const end = isLive ? Math.max(last, doc.epochs_planned ?? last) : last;
  const begin = Math.min(first, 1);
  return { axis: "epoch", x, extent: end > begin ? [begin, end] : [begin - 0.5, begin + 0.5] };
}

/** Where an epoch of the log stands on the x axis; null when the axis does not know it. */
export function xOfEpoch(doc: GraphDocument, frame: Frame, epoch: number): number | null {
  if (frame.axis === "epoch") return shownEpoch(doc, epoch);
  const at = lowerBound(doc.epochs, epoch);
  return doc.epochs[at] === epoch ? (frame.x[at] ?? null) : null;
}

export function formatX(x: number, axis: Axis): string {
  if (axis === "share") return `${Number((x * 100).toFixed(2))} %`;
  return axis === "time" ? formatDuration(x) : String(x);
}

/** A change of what is in sight: wider or narrower about a centre, or to a side by a part of its width. */
export interface Move {
  scale?: number;
  centre?: number;
  shift?: number;
}

/** Zooms about a centre, or moves, and stays inside the extent; null when everything is shown again. */
export function moveZoom(
  zoom: [number, number] | null,
  extent: [number, number],
  change: Move,
): [number, number] | null {
  const [low, high] = zoom ?? extent;
  const centre = change.centre ?? (low + high) / 2;
  const scale = change.scale ?? 1;
  const width = Math.min((high - low) * scale, extent[1] - extent[0]);
  if (width >= extent[1] - extent[0] - 1e-9) return null;
  const start = centre - (centre - low) * scale + (change.shift ?? 0) * (high - low);
  const from = Math.min(Math.max(start, extent[0]), extent[1] - width);
  return [from, from + width];
}
