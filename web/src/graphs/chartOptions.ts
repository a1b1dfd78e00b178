/** From a panel to what uPlot takes: columns of numbers, and options. Pure; `Chart` owns the life of the drawing. */
import type uPlot from "uplot";
import { formatValue } from "../ui/format";
import type { ChartTheme } from "../ui/theme";
import type { Cells, Track } from "./alignment";
import { alignTracks } from "./alignment";
import { NAMES_PX } from "./drawing";
import type { Axis } from "./frame";
import { formatX } from "./frame";
import type { Line, Panel } from "./panels";

type ColumnKind = "line" | "raw" | "low" | "high";

export interface Column {
  kind: ColumnKind;
  line: Line;
}

interface OptionsInput {
  panel: Panel;
  columns: Column[];
  theme: ChartTheme;
  axis: Axis;
  isLog: boolean;
  hasGaps: (key: string) => boolean;
  width: number;
  height: number;
  syncKey: string;
  /** Values that must be in sight besides the points: see `besideRange`. */
  extraRange: () => [number, number] | null;
  /** Zoomed in: the y axis fits what is in sight and need not begin at 0. */
  isClose: () => boolean;
  hooks: uPlot.Hooks.Arrays;
}

const DASHES: Record<Line["dash"], number[]> = { solid: [], dashed: [7, 4], dotted: [2, 3] };
/** Below this many epochs in sight every point gets a dot. */
const FEW_POINTS = 16;
/** Above this many points in sight, all lines together, lines are thin. */
const MANY_POINTS = 5000;
const EPOCH_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 1e6];
const TIME_STEPS = [0.1, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400, 172_800, 604_800];

const SHARE_STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5];
const STEPS: Record<Axis, number[]> = { epoch: EPOCH_STEPS, time: TIME_STEPS, share: SHARE_STEPS };

/** Raw lines come first, so that the smoothed ones lie above them; bands lie below all. */
export function buildColumns(panel: Panel, hidden: string[], smooth: number): Column[] {
  const lines = panel.lines.filter((line) => !hidden.includes(line.key));
  const banded = lines.filter((line) => line.band);
  return [
    ...banded.flatMap((line): Column[] => [
      { kind: "high", line },
      { kind: "low", line },
    ]),
    ...(smooth > 0 ? lines.map((line): Column => ({ kind: "raw", line })) : []),
    ...lines.map((line): Column => ({ kind: "line", line })),
  ];
}

/** One array for x and one per column; what a logarithm does not know is a gap. */
export function buildData(
  tracks: Track[],
  options: { range: [number, number]; buckets: number; isLog: boolean },
): [number[], ...Cells[]] {
  const [x, ...columns] = alignTracks(tracks, options.range, options.buckets);
  if (!options.isLog) return [x, ...columns];
  return [x, ...columns.map((cells) => cells.map((v) => (typeof v === "number" && v <= 0 ? null : v)))];
}

export function buildOptions(input: OptionsInput): uPlot.Options {
  const { panel, columns, theme, width, height, syncKey } = input;
  return {
    width,
    height,
    padding: [panel.id === "losses" ? NAMES_PX : 8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      sync: { key: syncKey, scales: ["x", null] },
      points: { size: 7 },
    },
    scales: { x: { time: false }, y: yScale(input) },
    axes: [xAxis(input), yAxis(input)],
    series: [{}, ...columns.map((column) => buildSeries(column, theme, input.hasGaps(column.line.key)))],
    bands: buildBands(panel, columns, theme),
    hooks: input.hooks,
  };
}

function buildSeries({ kind, line }: Column, theme: ChartTheme, hasGaps: boolean): uPlot.Series {
  const color = theme.series[line.hue - 1] ?? theme.ink;
  const shape = { label: line.key, scale: "y", spanGaps: !hasGaps };
  if (kind === "low" || kind === "high") return { ...shape, stroke: "transparent", width: 0, points: { show: false } };
  if (kind === "raw") {
    return { ...shape, stroke: `${color}59`, width: 1, dash: DASHES[line.dash], points: { show: false } };
  }
  return {
    ...shape,
    stroke: color,
    width: line.width,
    dash: DASHES[line.dash],
    points: { size: 5, fill: color, show: isSparse, filter: isolated },
  };
}

function isSparse(_u: uPlot, _series: number, from: number, to: number): boolean {
  return to - from < FEW_POINTS;
}

/** A point between two gaps has no line to be seen by, so it is drawn as a dot even in a dense chart. */
export function isolated(u: Pick<uPlot, "data">, series: number, isShown: boolean): number[] | null {
  if (isShown) return null;
  const values = u.data[series] ?? [];
  const alone: number[] = [];
  let isAfterGap = true;
  let last = -1;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === undefined) continue; // another line's point: this one goes on over it
    const isGap = values[i] === null;
    if (isGap && last >= 0 && isAfterGap) alone.push(last);
    isAfterGap = last < 0;
    last = isGap ? -1 : i;
  }
  if (last >= 0 && isAfterGap) alone.push(last);
  return alone;
}

/**
 * The width of each line, given the one planned for it. A chart with very many points in sight gets lines of one pixel:
 * wider ones run into each other there, and a browser without a graphics card takes seven times as long to draw them.
 */
export function lineWidths(planned: number[], data: uPlot.AlignedData, pixelRatio = devicePixelRatio): number[] {
  const [, ...columns] = data;
  const points = columns.reduce((sum, cells) => sum + countValues(cells), 0);
  if (points <= MANY_POINTS) return planned;
  return planned.map((width) => Math.min(width, 1 / pixelRatio));
}

function countValues(cells: uPlot.AlignedData[number]): number {
  let count = 0;
  for (const value of cells) if (value !== null && value !== undefined) count++;
  return count;
}

function buildBands(panel: Panel, columns: Column[], theme: ChartTheme): uPlot.Band[] {
  return panel.lines.flatMap((line) => {
    const high = columns.findIndex((column) => column.kind === "high" && column.line.key === line.key);
    if (high < 0) return [];
    return [{ series: [high + 1, high + 2] as [number, number], fill: `${theme.series[line.hue - 1] ?? theme.ink}24` }];
  });
}

function yScale({ panel, isLog, extraRange, isClose }: OptionsInput): uPlot.Scale {
  return {
    ...(isLog ? { distr: 3 as const, log: 10 as const } : {}),
    range: (_u, min, max) => yRange(min, max, extraRange(), panel.isFraction && !isClose(), isLog),
  };
}

/** Room above and below the values in sight; a fraction starts at 0 and never promises more than 1. */
export function yRange(
  min: number | null,
  max: number | null,
  extra: [number, number] | null,
  isFraction: boolean,
  isLog: boolean,
): [number, number] {
  if (min === null || max === null) return isLog ? [0.1, 1] : [0, 1];
  const low = Math.min(min, extra?.[0] ?? min);
  const high = Math.max(max, extra?.[1] ?? max);
  if (isFraction) return [0, high > 0 ? Math.min(Math.max(1, high), high * 1.08) : 1];
  if (isLog) return [Math.max(low, 1e-12) / 1.1, high * 1.1];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

function xAxis({ theme, axis }: OptionsInput): uPlot.Axis {
  return {
    ...axisStyle(theme),
    size: 34,
    space: axis === "epoch" ? 50 : 80,
    incrs: STEPS[axis],
    values: (_u, splits) => splits.map((x) => formatX(x, axis)),
  };
}

function yAxis({ theme }: OptionsInput): uPlot.Axis {
  return {
    ...axisStyle(theme),
    size: 52,
    values: (_u, splits) => splits.map((y) => (y === null ? null : tick(y))),
  };
}

function tick(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 1e5) ? formatValue(value) : String(Number(value.toPrecision(4)));
}

function axisStyle(theme: ChartTheme): uPlot.Axis {
  return {
    stroke: theme.muted,
    font: `12px ${theme.font}`,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
    border: { show: false },
  };
}
