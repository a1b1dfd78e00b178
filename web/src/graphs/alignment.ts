/** Lines with points of their own, put onto one x axis for drawing, with as many points as can be seen. Pure. */
import type { Values } from "./document";

/** One line: rising x, and a value or a gap at each. */
export interface Track {
  x: number[];
  y: Values;
}

/** undefined: this line has no point here, and its neighbours are joined; null: a gap. */
export type Cells = (number | null | undefined)[];

/** First, smallest, largest and last of each column of pixels. */
const SLOTS = 4;

/**
 * All lines over the same x. A few points are all kept, where they are. Of many, each of `buckets` equal parts of the range
 * keeps the first, the smallest, the largest and the last of each line, in their order: a line through these covers the
 * same pixels when a bucket is a pixel wide (M4, Jugel et al. 2014), so no spike is lost.
 *
 * @param tracks lines; those of one run may share their x.
 * @param range the part of x that can be seen; the lines reach its edges.
 * @param buckets about the width of the drawing in pixels.
 * @returns x, then one column for each line.
 */
export function alignTracks(tracks: Track[], [from, to]: [number, number], buckets: number): [number[], ...Cells[]] {
  const axes = [...new Set(tracks.map(({ x }) => x))];
  const spans = new Map(axes.map((x) => [x, spanOf(x, from, to)]));
  const count = axes.reduce((sum, x) => sum + lengthOf(spans.get(x)), 0);
  return count <= buckets * SLOTS ? joinAll(tracks, spans) : fillBuckets(tracks, spans, [from, to], buckets);
}

type Span = [first: number, last: number];

/** Indices in sight, and one to each side so that lines reach the edge; the last is behind the end. */
function spanOf(x: number[], from: number, to: number): Span {
  return [Math.max(0, lowerBound(x, from) - 1), Math.min(x.length, lowerBound(x, to, true) + 1)];
}

function lengthOf(span: Span | undefined): number {
  return span ? span[1] - span[0] : 0;
}

/** Index of the first x that is not below the value, or, `isAfter`, that is above it; the length when there is none. */
export function lowerBound(x: number[], value: number, isAfter = false): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = x[middle] as number;
    if (at < value || (isAfter && at === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the x nearest to the value; -1 of no x. */
export function nearestIndex(x: number[], value: number): number {
  const right = lowerBound(x, value);
  if (right === 0 || right === x.length) return Math.min(right, x.length - 1);
  return value - (x[right - 1] as number) <= (x[right] as number) - value ? right - 1 : right;
}

function joinAll(tracks: Track[], spans: Map<number[], Span>): [number[], ...Cells[]] {
  const parts = [...spans].map(([x, [first, last]]) => x.slice(first, last));
  const all = parts.length === 1 ? (parts[0] ?? []) : [...new Set(parts.flat())].sort((a, b) => a - b);
  const rows = parts.length === 1 ? null : new Map(all.map((x, row) => [x, row]));
  const columns = tracks.map(({ x, y }) => {
    const [first, last] = spans.get(x) ?? [0, 0];
    if (!rows) return Array.from({ length: last - first }, (_, i) => y[first + i]);
    const cells: Cells = Array<undefined>(all.length).fill(undefined);
    for (let i = first; i < last; i++) cells[rows.get(x[i] as number) ?? 0] = y[i];
    return cells;
  });
  return [all, ...columns];
}

function fillBuckets(
  tracks: Track[],
  spans: Map<number[], Span>,
  [from, to]: [number, number],
  buckets: number,
): [number[], ...Cells[]] {
  const width = (to - from) / buckets;
  const inside = Array.from({ length: buckets * SLOTS }, (_, slot) => from + ((slot + 0.5) * width) / SLOTS);
  const columns = tracks.map((track) => {
    const cells: Cells = Array<undefined>(buckets * SLOTS + 2).fill(undefined);
    const [first, last] = spans.get(track.x) ?? [0, 0];
    cells[0] = valueAtEdge(track, first, from);
    cells[cells.length - 1] = valueAtEdge(track, last - 2, to);
    fillLine(track, [first, last], cells, (x) => Math.min(buckets - 1, Math.floor((x - from) / width)), [from, to]);
    return cells;
  });
  return [[from, ...inside, to], ...columns];
}

/** On the straight line from a point to the next one; undefined where the line does not reach x. */
function valueAtEdge({ x, y }: Track, at: number, edge: number): number | undefined {
  const [x0, x1, y0, y1] = [x[at], x[at + 1], y[at], y[at + 1]];
  if (x0 === undefined || x1 === undefined || y0 == null || y1 == null) return undefined;
  if (x0 > edge || x1 < edge) return undefined;
  return y0 + ((y1 - y0) * (edge - x0)) / (x1 - x0);
}

function fillLine(
  { x, y }: Track,
  [first, last]: Span,
  cells: Cells,
  bucketOf: (x: number) => number,
  [from, to]: [number, number],
): void {
  let [bucket, start, low, high, end] = [-1, -1, -1, -1, -1];
  const close = (): void => {
    if (bucket < 0) return;
    const at = 1 + bucket * SLOTS;
    if (start < 0) return void (cells[at] = null);
    cells[at] = y[start];
    cells[at + 1] = y[Math.min(low, high)];
    cells[at + 2] = y[Math.max(low, high)];
    cells[at + 3] = y[end];
  };
  for (let i = first; i < last; i++) {
    const here = x[i] as number;
    if (here < from || here > to) continue;
    const next = bucketOf(here);
    if (next !== bucket) {
      close();
      [bucket, start, low, high, end] = [next, -1, -1, -1, -1];
    }
    const value = y[i];
    if (value === null || value === undefined) continue;
    if (start < 0) start = low = high = i;
    if (value < (y[low] as number)) low = i;
    if (value > (y[high] as number)) high = i;
    end = i;
  }
  close();
}
