/** From a panel to what uPlot takes: columns of numbers, and options. Pure; `Chart` owns the life of the drawing. */
import type uPlot from "uplot";
import { formatDuration, formatValue } from "../ui/format";
import type { ChartTheme } from "../ui/theme";
import type { GraphDocument, Values } from "./document";
import { own } from "./document";
import type { Line, Panel } from "./panels";
import { debiasedEma } from "./smoothing";

export type ColumnKind = "line" | "raw" | "low" | "high";

export interface Column {
  kind: ColumnKind;
  line: Line;
}

export interface OptionsInput {
  panel: Panel;
  columns: Column[];
  theme: ChartTheme;
  axis: "epoch" | "time";
  isLog: boolean;
  hasGaps: (key: string) => boolean;
  width: number;
  height: number;
  syncKey: string;
  /** Values that must be in sight besides the lines: what a resume replaced. */
  extraRange: () => [number, number] | null;
  hooks: uPlot.Hooks.Arrays;
}

const DASHES: Record<Line["dash"], number[]> = { solid: [], dashed: [7, 4], dotted: [2, 3] };
/** Below this many epochs in sight every point gets a dot. */
const FEW_POINTS = 16;
const EPOCH_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 1e6];
const TIME_STEPS = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400, 172_800, 604_800];

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

/** One array for x and one per column, at the kept indices. Smoothing sees every raw value before any is left out. */
export function buildData(
  doc: GraphDocument,
  columns: Column[],
  options: { x: number[]; kept: number[]; smooth: number; isLog: boolean },
): uPlot.AlignedData {
  const { x, kept, smooth, isLog } = options;
  const drawn = (v: number | null | undefined): number | null =>
    v === undefined || (isLog && v !== null && v <= 0) ? null : v;
  const pick = (values: Values): Values => kept.map((i) => drawn(values[i]));
  return [kept.map((i) => x[i] ?? 0), ...columns.map((column) => pick(columnValues(doc, column, smooth)))];
}

function columnValues(doc: GraphDocument, { kind, line }: Column, smooth: number): Values {
  if (kind === "low") return own(doc.series, line.band?.low ?? "") ?? [];
  if (kind === "high") return own(doc.series, line.band?.high ?? "") ?? [];
  const raw = own(doc.series, line.key) ?? [];
  return kind === "line" && smooth > 0 ? debiasedEma(raw, smooth) : raw;
}

export function buildOptions(input: OptionsInput): uPlot.Options {
  const { panel, columns, theme, width, height, syncKey } = input;
  return {
    width,
    height,
    padding: [8, 18, 0, 0],
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
  const isGap = (i: number): boolean => values[i] === null || values[i] === undefined;
  return [...values.keys()].filter((i) => !isGap(i) && isGap(i - 1) && isGap(i + 1));
}

function buildBands(panel: Panel, columns: Column[], theme: ChartTheme): uPlot.Band[] {
  return panel.lines.flatMap((line) => {
    const high = columns.findIndex((column) => column.kind === "high" && column.line.key === line.key);
    if (high < 0) return [];
    return [{ series: [high + 1, high + 2] as [number, number], fill: `${theme.series[line.hue - 1] ?? theme.ink}24` }];
  });
}

function yScale({ panel, isLog, extraRange }: OptionsInput): uPlot.Scale {
  return {
    ...(isLog ? { distr: 3 as const, log: 10 as const } : {}),
    range: (_u, min, max) => yRange(min, max, extraRange(), panel.isFraction, isLog),
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
    space: axis === "time" ? 80 : 50,
    incrs: axis === "time" ? TIME_STEPS : EPOCH_STEPS,
    values: (_u, splits) => splits.map((x) => (axis === "time" ? formatDuration(x) : String(x))),
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
