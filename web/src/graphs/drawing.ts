/** Hooks that draw onto uPlot's canvas, in device pixels. They read a Decoration and keep no state. */
import uPlot from "uplot";
import type { ChartTheme } from "../ui/theme";
import type { Decoration } from "./decoration";
import { placeLabels } from "./decoration";

const LABEL_PX = 11;
const ROW_PX = LABEL_PX + 4;
const ROWS = 3;
/** Room above a panel for a row of names, so that they cover no line; only crowded ones go further down. */
export const NAMES_PX = ROW_PX + 4;

/** Behind the lines: what a resume replaced, in grey. */
export function drawSuperseded(u: uPlot, theme: ChartTheme, { superseded }: Decoration): void {
  clipped(u, (ctx) => {
    ctx.strokeStyle = theme.past;
    ctx.fillStyle = theme.past;
    ctx.lineWidth = 1.5 * uPlot.pxRatio;
    ctx.globalAlpha = 0.8;
    for (const { x, y } of superseded) drawPath(u, ctx, x, y);
  });
}

function drawPath(u: uPlot, ctx: CanvasRenderingContext2D, x: number[], y: (number | null)[]): void {
  ctx.beginPath();
  let isDown = false;
  x.forEach((at, i) => {
    const value = y[i];
    if (value === null || value === undefined) return void (isDown = false);
    const [left, top] = [u.valToPos(at, "x", true), u.valToPos(value, "y", true)];
    if (isDown) ctx.lineTo(left, top);
    else ctx.moveTo(left, top);
    ctx.rect(left - 1, top - 1, 2, 2);
    ctx.moveTo(left, top);
    isDown = true;
  });
  ctx.stroke();
}

/** Vertical lines of events; their names only in the first panel. */
export function drawEvents(u: uPlot, theme: ChartTheme, { events }: Decoration, withNames: boolean): void {
  clipped(u, (ctx) => {
    ctx.strokeStyle = theme.muted;
    ctx.lineWidth = uPlot.pxRatio;
    ctx.setLineDash([2 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
    for (const { x } of events) verticalLine(u, ctx, x);
  });
  if (!withNames) return;
  u.ctx.save();
  drawNames(
    u,
    u.ctx,
    theme,
    events.filter(({ x }) => isInSight(u, x)),
  );
  u.ctx.restore();
}

function isInSight(u: uPlot, x: number): boolean {
  const { min, max } = u.scales["x"] ?? {};
  return x >= (min ?? -Infinity) && x <= (max ?? Infinity);
}

function drawNames(u: uPlot, ctx: CanvasRenderingContext2D, theme: ChartTheme, events: Decoration["events"]): void {
  const px = uPlot.pxRatio;
  ctx.font = `${LABEL_PX * px}px ${theme.font}`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left"; // The axes leave another behind.
  const labels = events.map(({ x, name }) => ({
    left: u.valToPos(x, "x", true) + 4 * px,
    width: ctx.measureText(name).width,
  }));
  const rows = placeLabels(labels, ROWS, u.bbox.left + u.bbox.width);
  events.forEach(({ name }, i) => {
    const row = rows[i] ?? -1;
    const label = labels[i];
    if (row < 0 || !label) return;
    const top = u.bbox.top + (row - 1) * ROW_PX * px;
    ctx.fillStyle = theme.surface;
    ctx.globalAlpha = 0.85;
    ctx.fillRect(label.left - 2 * px, top - px, label.width + 4 * px, (LABEL_PX + 3) * px);
    ctx.globalAlpha = 1;
    ctx.fillStyle = theme.muted;
    ctx.fillText(name, label.left, top);
  });
}

/** The best epoch: a line through every panel, and its name at the foot of the metrics. */
export function drawBest(u: uPlot, theme: ChartTheme, { best }: Decoration, withName: boolean): void {
  if (best === null) return;
  clipped(u, (ctx) => {
    ctx.strokeStyle = theme.accent;
    ctx.lineWidth = uPlot.pxRatio;
    ctx.globalAlpha = 0.75;
    verticalLine(u, ctx, best);
    if (!withName) return;
    const px = uPlot.pxRatio;
    ctx.globalAlpha = 1;
    ctx.font = `600 ${LABEL_PX * px}px ${theme.font}`;
    ctx.textBaseline = "bottom";
    const left = u.valToPos(best, "x", true);
    const isRight = left > u.bbox.left + u.bbox.width - 50 * px;
    ctx.textAlign = isRight ? "right" : "left";
    ctx.fillStyle = theme.accent;
    ctx.fillText("best", left + (isRight ? -5 : 5) * px, u.bbox.top + u.bbox.height - 4 * px);
    ctx.textAlign = "left";
  });
}

/** Crosses at the foot where values are no numbers, and the word beside the first. */
export function drawMarks(u: uPlot, theme: ChartTheme, { marks }: Decoration): void {
  clipped(u, (ctx) => {
    const px = uPlot.pxRatio;
    const top = u.bbox.top + u.bbox.height - 10 * px;
    ctx.lineWidth = 2 * px;
    ctx.strokeStyle = theme.bad;
    const places = marks.map(({ x }) => u.valToPos(x, "x", true)).sort((a, b) => a - b);
    let last = -Infinity;
    for (const left of places) {
      if (left < last + 10 * px) continue; // so near that they would run into each other
      cross(ctx, left, top, 4 * px);
      last = left;
    }
    const first = marks[0];
    if (!first) return;
    ctx.font = `600 ${LABEL_PX * px}px ${theme.font}`;
    ctx.fillStyle = theme.bad;
    ctx.textBaseline = "middle";
    ctx.textAlign = "right";
    ctx.fillText(first.value, u.valToPos(first.x, "x", true) - 8 * px, top);
    ctx.textAlign = "left";
  });
}

function cross(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.beginPath();
  ctx.moveTo(x - size, y - size);
  ctx.lineTo(x + size, y + size);
  ctx.moveTo(x - size, y + size);
  ctx.lineTo(x + size, y - size);
  ctx.stroke();
}

function verticalLine(u: uPlot, ctx: CanvasRenderingContext2D, x: number): void {
  const left = Math.round(u.valToPos(x, "x", true)) + 0.5;
  ctx.beginPath();
  ctx.moveTo(left, u.bbox.top);
  ctx.lineTo(left, u.bbox.top + u.bbox.height);
  ctx.stroke();
}

function clipped(u: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - 1, bbox.top, bbox.width + 2, bbox.height);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}
