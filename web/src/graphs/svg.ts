/** The graph as a drawing that stands alone: for papers and slides. Pure text, from the same columns as the screen. */
import { formatDuration } from "../ui/format";
import type { ChartTheme } from "../ui/theme";
import { linePath } from "../ui/linePath";
import { logTicks, niceTicks } from "../ui/ticks";
import type { Column } from "./chartOptions";
import { buildColumns, buildData, yRange } from "./chartOptions";
import { buildDecoration } from "./decoration";
import type { GraphDocument } from "./document";
import type { Frame } from "./frame";
import type { Panel } from "./panels";
import type { View } from "./view";

export interface SvgInput {
  doc: GraphDocument;
  panels: Panel[];
  frame: Frame;
  view: View;
  theme: ChartTheme;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT] = [1000, 300, 60, 190, 34, 26];
const DASHES = { solid: "", dashed: ' stroke-dasharray="7 4"', dotted: ' stroke-dasharray="2 3"' };

interface Space {
  x: (value: number) => number;
  y: (value: number) => number;
}

export function buildSvg(input: SvgInput): string {
  const { doc, panels, theme } = input;
  const height = panels.length * HEIGHT + 40;
  const parts = panels.map(
    (panel, i) => `<g transform="translate(0 ${40 + i * HEIGHT})">${drawPanel(input, panel)}</g>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="${theme.ink}">` +
    `<rect width="100%" height="100%" fill="${theme.surface}"/>` +
    `<text x="16" y="26" font-size="16" font-weight="600">${escape(doc.name)}</text>${parts.join("")}</svg>`
  );
}

function drawPanel(input: SvgInput, panel: Panel): string {
  const { doc, frame, view, theme } = input;
  const isLog = view.isLog && panel.canLog;
  const columns = buildColumns(panel, view.hidden, view.smooth);
  const kept = inSight(frame, view);
  const [x = [], ...ys] = buildData(doc, columns, { x: frame.x, kept, smooth: view.smooth, isLog }) as (
    number | null
  )[][];
  const values = ys.flat().filter((v) => v !== null && v !== undefined);
  const [low, high] = yRange(least(values), most(values), null, panel.isFraction, isLog);
  const [from, to] = view.zoom ?? frame.extent;
  const bottom = HEIGHT - FOOT;
  const scale = isLog ? Math.log10 : (v: number): number => v;
  const space: Space = {
    x: (value) => LEFT + ((value - from) / (to - from)) * (WIDTH - LEFT - RIGHT),
    y: (value) => bottom - ((scale(value) - scale(low)) / (scale(high) - scale(low))) * (bottom - TOP),
  };
  return [
    `<text x="16" y="18" font-weight="600">${escape(panel.title)}</text>`,
    drawGrid(space, [from, to], [low, high], isLog, frame.axis, theme),
    drawBands(space, columns, x, ys, theme),
    ...columns.map((column, i) => drawColumn(space, column, x, ys[i] ?? [], theme)),
    drawOver(space, input, panel),
    drawLegend(panel, view, theme),
  ].join("");
}

function inSight(frame: Frame, { zoom }: View): number[] {
  const all = frame.x.map((_, i) => i);
  return zoom ? all.filter((i) => (frame.x[i] ?? 0) >= zoom[0] && (frame.x[i] ?? 0) <= zoom[1]) : all;
}

function least(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b));
}

function most(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
}

function drawGrid(
  space: Space,
  [from, to]: [number, number],
  [low, high]: [number, number],
  isLog: boolean,
  axis: "epoch" | "time",
  theme: ChartTheme,
): string {
  const rows = (isLog ? logTicks(low, high) : niceTicks(low, high, 5)).map((value) => {
    const y = space.y(value).toFixed(1);
    const line = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="${theme.grid}"/>`;
    return `${line}<text x="${LEFT - 8}" y="${y}" dy="4" text-anchor="end" fill="${theme.muted}">${value}</text>`;
  });
  const columns = niceTicks(from, to, 8, axis === "epoch" ? 1 : 0).map((value) => {
    const text = axis === "time" ? formatDuration(value) : String(value);
    const x = space.x(value).toFixed(1);
    return `<text x="${x}" y="${HEIGHT - 8}" text-anchor="middle" fill="${theme.muted}">${text}</text>`;
  });
  return rows.join("") + columns.join("");
}

function drawColumn(
  space: Space,
  { kind, line }: Column,
  x: (number | null)[],
  y: (number | null)[],
  theme: ChartTheme,
): string {
  if (kind === "low" || kind === "high") return "";
  const style = kind === "raw" ? 'stroke-width="1" opacity="0.35"' : `stroke-width="${line.width}"`;
  const path = linePath(x, y, space.x, space.y);
  return `<path d="${path}" fill="none" stroke="${theme.series[line.hue - 1]}" ${style}${DASHES[line.dash]}/>`;
}

function drawBands(
  space: Space,
  columns: Column[],
  x: (number | null)[],
  ys: (number | null)[][],
  theme: ChartTheme,
): string {
  return columns
    .map(({ kind, line }, i) => {
      if (kind !== "high") return "";
      const edge = (values: (number | null)[] = []): string[] =>
        values.flatMap((v, at) => (v === null ? [] : [`${space.x(x[at] ?? 0).toFixed(1)} ${space.y(v).toFixed(1)}`]));
      const points = [...edge(ys[i]), ...edge(ys[i + 1]).reverse()].join(" ");
      return `<polygon points="${points}" fill="${theme.series[line.hue - 1]}" opacity="0.14"/>`;
    })
    .join("");
}

function drawOver(space: Space, { doc, frame, view, theme }: SvgInput, panel: Panel): string {
  const { events, best, marks } = buildDecoration(doc, frame, panel, view.hidden);
  const [from, to] = view.zoom ?? frame.extent;
  const isSeen = (x: number): boolean => x >= from && x <= to;
  const upright = (x: number, style: string): string =>
    `<line x1="${space.x(x).toFixed(1)}" x2="${space.x(x).toFixed(1)}" y1="${TOP}" y2="${HEIGHT - FOOT}" ${style}/>`;
  const lines = events
    .filter(({ x }) => isSeen(x))
    .map(({ x, name }) => {
      const label = `<text x="${(space.x(x) + 4).toFixed(1)}" y="${TOP + 10}" font-size="11" fill="${theme.muted}">${escape(name)}</text>`;
      return upright(x, `stroke="${theme.muted}" stroke-dasharray="2 3"`) + label;
    });
  if (best !== null && isSeen(best)) lines.push(upright(best, `stroke="${theme.accent}"`));
  const crosses = marks
    .filter(({ x }) => isSeen(x))
    .map(
      ({ x, value }) =>
        `<text x="${space.x(x).toFixed(1)}" y="${HEIGHT - FOOT - 4}" text-anchor="middle" fill="${theme.bad}">✕ ${escape(value)}</text>`,
    );
  return lines.join("") + crosses.join("");
}

function drawLegend(panel: Panel, view: View, theme: ChartTheme): string {
  return panel.lines
    .filter((line) => !view.hidden.includes(line.key))
    .slice(0, 14)
    .map((line, i) => {
      const y = TOP + 8 + i * 18;
      const stroke = `stroke="${theme.series[line.hue - 1]}" stroke-width="${line.width}"${DASHES[line.dash]}`;
      const sample = `<line x1="${WIDTH - RIGHT + 12}" x2="${WIDTH - RIGHT + 40}" y1="${y}" y2="${y}" ${stroke}/>`;
      return `${sample}<text x="${WIDTH - RIGHT + 48}" y="${y + 4}">${escape(line.title)}</text>`;
    })
    .join("");
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
