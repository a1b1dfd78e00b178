/** Gives files to the person at the browser; nothing leaves the machine. */
import type { ChartTheme } from "../ui/theme";
import type { ChartGroup } from "./ChartGroup";
import type { Line } from "./panels";

export function saveText(name: string, type: string, text: string): void {
  saveBlob(name, new Blob([text], { type }));
}

function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A file name from the name of a run, whatever it holds. */
export function fileStem(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, "_").replace(/^\.+/, "") || "graph";
}

const [EDGE, TITLE, PANEL_TITLE, LEGEND_ROW] = [12, 36, 22, 20]; // pixels of the page

/** What stands around the panels in a picture: their titles, what is along x, the lines that they show. */
interface PictureWords {
  titles: string[];
  axis: string;
  lines: Line[];
}

/** The panels as they stand on the screen, with the name of the run above and a legend below. */
export function savePicture(name: string, group: ChartGroup, words: PictureWords, theme: ChartTheme): void {
  const { titles, axis, lines } = words;
  const charts = group.all();
  const px = devicePixelRatio;
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  if (!ctx) return;
  canvas.width = Math.max(...charts.map((u) => u.ctx.canvas.width));
  ctx.font = `12px ${theme.font}`;
  const rows = legendRows(lines, (text) => ctx.measureText(text).width, canvas.width / px - 2 * EDGE);
  const height = charts.reduce((sum, u) => sum + u.ctx.canvas.height + PANEL_TITLE * px, 0);
  canvas.height = height + (TITLE + rows.length * LEGEND_ROW + 2 * EDGE) * px;
  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = theme.ink;
  ctx.font = `600 ${15 * px}px ${theme.font}`;
  ctx.fillText(name, EDGE * px, 24 * px);
  ctx.font = `600 ${12 * px}px ${theme.font}`;
  let top = TITLE * px;
  charts.forEach((u, i) => {
    ctx.fillText(titles[i] ?? "", EDGE * px, top + 14 * px);
    ctx.drawImage(u.ctx.canvas, 0, top + PANEL_TITLE * px);
    top += u.ctx.canvas.height + PANEL_TITLE * px;
  });
  ctx.setTransform(px, 0, 0, px, 0, top);
  ctx.font = `12px ${theme.font}`;
  ctx.textAlign = "right";
  ctx.fillStyle = theme.muted;
  ctx.fillText(axis, canvas.width / px - EDGE, 2);
  ctx.textAlign = "left";
  ctx.fillStyle = theme.ink;
  drawLegend(ctx, rows, theme);
  canvas.toBlob((blob) => blob && saveBlob(`${fileStem(name)}.png`, blob));
}

interface LegendEntry {
  line: Line;
  left: number;
}

/** Lines side by side, in as many rows as they need. */
export function legendRows(lines: Line[], widthOf: (text: string) => number, width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let left = Infinity;
  for (const line of lines) {
    const needs = 30 + widthOf(line.title);
    if (left + needs > width) {
      rows.push([]);
      left = 0;
    }
    rows.at(-1)?.push({ line, left });
    left += needs + 16;
  }
  return rows;
}

function drawLegend(ctx: CanvasRenderingContext2D, rows: LegendEntry[][], theme: ChartTheme): void {
  ctx.font = `12px ${theme.font}`;
  rows.forEach((row, i) => {
    const y = EDGE + 8 + i * LEGEND_ROW;
    for (const { line, left } of row) {
      ctx.strokeStyle = theme.series[line.hue - 1] ?? theme.ink;
      ctx.lineWidth = line.width;
      ctx.setLineDash(line.dash === "solid" ? [] : line.dash === "dashed" ? [6, 3] : [2, 3]);
      ctx.beginPath();
      ctx.moveTo(EDGE + left, y - 4);
      ctx.lineTo(EDGE + left + 24, y - 4);
      ctx.stroke();
      ctx.fillText(line.title, EDGE + left + 30, y);
    }
  });
}
