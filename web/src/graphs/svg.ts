/** The graph as a drawing that stands alone: for papers and slides. Pure text, from the same columns as the screen. */
import type { ChartTheme } from "../ui/theme";
import { linePath } from "../ui/linePath";
import { logTicks, niceTicks } from "../ui/ticks";
import type { Cells } from "./alignment";
import type { Column } from "./chartOptions";
import { besideRange } from "./besideRange";
import { yRange } from "./chartOptions";
import { placeLabels } from "./decoration";
import { AXIS_NAMES, formatX } from "./frame";
import type { PanelDrawing } from "./panelDrawing";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT] = [1000, 306, 60, 190, 40, 26];
const [NAME_WIDTH, NAME_ROWS] = [6.2, 3]; // of a letter, about; a text file measures none
const LEGEND_ROWS = 14;
const DASHES = { solid: "", dashed: ' stroke-dasharray="7 4"', dotted: ' stroke-dasharray="2 3"' };

interface Space {
  x: (value: number) => number;
  y: (value: number) => number;
}

export function buildSvg(name: string, drawings: PanelDrawing[], theme: ChartTheme): string {
  const height = drawings.length * HEIGHT + 40;
  const parts = drawings.map(
    (drawing, i) => `<g transform="translate(0 ${40 + i * HEIGHT})">${drawPanel(drawing, theme, i === 0)}</g>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="${theme.ink}">` +
    `<rect width="100%" height="100%" fill="${theme.surface}"/>` +
    `<text x="16" y="26" font-size="16" font-weight="600">${escape(name)}</text>${parts.join("")}</svg>`
  );
}

function drawPanel(drawing: PanelDrawing, theme: ChartTheme, isFirst: boolean): string {
  const { panel, columns, isLog, isZoomed, gaps } = drawing;
  const [from, to] = drawing.range;
  const [x, ...all] = drawing.data;
  // As on the screen, a line goes on where there is no value, and breaks at a value that is no number.
  const ys = all.map((cells, i) =>
    gaps.includes(columns[i]?.line.key ?? "") ? cells : cells.map((value) => value ?? undefined),
  );
  const inSight = ys.flatMap((cells) => cells.filter((_, i) => (x[i] ?? 0) >= from && (x[i] ?? 0) <= to));
  const [least, most] = extent(inSight);
  const [low, high] = yRange(least, most, besideRange(drawing), panel.isFraction && !isZoomed, isLog);
  const bottom = HEIGHT - FOOT;
  const scale = isLog ? Math.log10 : (v: number): number => v;
  const space: Space = {
    x: (value) => LEFT + ((value - from) / (to - from)) * (WIDTH - LEFT - RIGHT),
    y: (value) => bottom - ((scale(value) - scale(low)) / (scale(high) - scale(low))) * (bottom - TOP),
  };
  return [
    `<text x="16" y="18" font-weight="600">${escape(panel.title)}</text>`,
    drawGrid(space, drawing, [low, high], theme),
    `<svg x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${bottom - TOP}" viewBox="${LEFT} ${TOP} ${WIDTH - LEFT - RIGHT} ${bottom - TOP}">`,
    ...drawing.decoration.superseded.map(({ x: at, y }) => drawPast(space, at, y, theme)),
    drawBands(space, columns, x, ys, theme),
    ...columns.map((column, i) => drawColumn(space, column, x, ys[i] ?? [], theme)),
    "</svg>",
    drawOver(space, drawing, theme, isFirst),
    drawLegend(columns, theme),
  ].join("");
}

function extent(values: Cells): [number, number] | [null, null] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null || value === undefined) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [null, null];
}

function drawGrid(
  space: Space,
  { range: [from, to], isLog, axis }: PanelDrawing,
  [low, high]: [number, number],
  theme: ChartTheme,
): string {
  const rows = (isLog ? logTicks(low, high) : niceTicks(low, high, 5)).map((value) => {
    const y = space.y(value).toFixed(1);
    const line = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="${theme.grid}"/>`;
    return `${line}<text x="${LEFT - 8}" y="${y}" dy="4" text-anchor="end" fill="${theme.muted}">${value}</text>`;
  });
  const columns = niceTicks(from, to, 8, axis === "epoch" ? 1 : 0).map((value) => {
    const x = space.x(value).toFixed(1);
    return `<text x="${x}" y="${HEIGHT - 8}" text-anchor="middle" fill="${theme.muted}">${formatX(value, axis)}</text>`;
  });
  const name = `<text x="${WIDTH - RIGHT + 22}" y="${HEIGHT - 8}" fill="${theme.muted}">${AXIS_NAMES[axis]}</text>`;
  return rows.join("") + columns.join("") + name;
}

function drawColumn(space: Space, { kind, line }: Column, x: number[], y: Cells, theme: ChartTheme): string {
  if (kind === "low" || kind === "high") return "";
  const style = kind === "raw" ? 'stroke-width="1" opacity="0.35"' : `stroke-width="${line.width}"`;
  const path = linePath(x, y, space.x, space.y);
  return `<path d="${path}" fill="none" stroke="${theme.series[line.hue - 1]}" ${style}${DASHES[line.dash]}/>`;
}

/** What a resume wrote anew. */
function drawPast(space: Space, x: number[], y: Cells, theme: ChartTheme): string {
  const path = linePath(x, y, space.x, space.y);
  return `<path d="${path}" fill="none" stroke="${theme.past}" stroke-width="1.5" stroke-linecap="round"/>`;
}

function drawBands(space: Space, columns: Column[], x: number[], ys: Cells[], theme: ChartTheme): string {
  return columns
    .map(({ kind, line }, i) => {
      if (kind !== "high") return "";
      const edge = (values: Cells = []): string[] =>
        values.flatMap((v, at) =>
          v === null || v === undefined ? [] : [`${space.x(x[at] ?? 0).toFixed(1)} ${space.y(v).toFixed(1)}`],
        );
      const points = [...edge(ys[i]), ...edge(ys[i + 1]).reverse()].join(" ");
      return `<polygon points="${points}" fill="${theme.series[line.hue - 1]}" opacity="0.14"/>`;
    })
    .join("");
}

/** Names of events stand in the first panel alone, as on the screen. */
function drawOver(
  space: Space,
  { decoration, range: [from, to] }: PanelDrawing,
  theme: ChartTheme,
  withNames: boolean,
): string {
  const { events, best, marks } = decoration;
  const isSeen = (x: number): boolean => x >= from && x <= to;
  const upright = (x: number, style: string): string =>
    `<line x1="${space.x(x).toFixed(1)}" x2="${space.x(x).toFixed(1)}" y1="${TOP}" y2="${HEIGHT - FOOT}" ${style}/>`;
  const seen = events.filter(({ x }) => isSeen(x));
  const places = seen.map(({ x, name }) => ({ left: space.x(x) + 4, width: name.length * NAME_WIDTH }));
  const rows = placeLabels(places, NAME_ROWS, WIDTH - RIGHT);
  const lines = seen.map(({ x, name }, i) => {
    const line = upright(x, `stroke="${theme.muted}" stroke-dasharray="2 3"`);
    const [row, left] = [rows[i] ?? -1, places[i]?.left ?? 0];
    if (row < 0 || !withNames) return line;
    const at = `x="${left.toFixed(1)}" y="${TOP - 4 + row * 13}"`;
    return `${line}<text ${at} font-size="11" fill="${theme.muted}">${escape(name)}</text>`;
  });
  if (best !== null && isSeen(best)) {
    const isRight = space.x(best) > WIDTH - RIGHT - 50;
    const at = `x="${(space.x(best) + (isRight ? -5 : 5)).toFixed(1)}" y="${HEIGHT - FOOT - 5}"`;
    const style = `font-size="11" font-weight="600" text-anchor="${isRight ? "end" : "start"}" fill="${theme.accent}"`;
    lines.push(upright(best, `stroke="${theme.accent}"`), `<text ${at} ${style}>best</text>`);
  }
  const crosses = marks
    .filter(({ x }) => isSeen(x))
    .map(
      ({ x, value }) =>
        `<text x="${space.x(x).toFixed(1)}" y="${HEIGHT - FOOT - 4}" text-anchor="middle" fill="${theme.bad}">✕ ${escape(value)}</text>`,
    );
  return lines.join("") + crosses.join("");
}

function drawLegend(columns: Column[], theme: ChartTheme): string {
  const all = columns.filter(({ kind }) => kind === "line");
  const left = all.length - LEGEND_ROWS;
  const more =
    left > 0
      ? `<text x="${WIDTH - RIGHT + 12}" y="${TOP + 12 + LEGEND_ROWS * 18}" fill="${theme.muted}">and ${left} more</text>`
      : "";
  return all
    .slice(0, LEGEND_ROWS)
    .map(({ line }, i) => {
      const y = TOP + 8 + i * 18;
      const stroke = `stroke="${theme.series[line.hue - 1]}" stroke-width="${line.width}"${DASHES[line.dash]}`;
      const sample = `<line x1="${WIDTH - RIGHT + 12}" x2="${WIDTH - RIGHT + 40}" y1="${y}" y2="${y}" ${stroke}/>`;
      return `${sample}<text x="${WIDTH - RIGHT + 48}" y="${y + 4}">${escape(line.title)}</text>`;
    })
    .concat(more)
    .join("");
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
