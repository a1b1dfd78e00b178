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

/** The panels as they stand on the screen, with the name of the run above and a legend below. */
export function savePicture(name: string, group: ChartGroup, lines: Line[], theme: ChartTheme): void {
  const charts = group.all();
  const px = devicePixelRatio;
  const width = Math.max(...charts.map((u) => u.ctx.canvas.width));
  const height = charts.reduce((sum, u) => sum + u.ctx.canvas.height, 0);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height + 80 * px;
  const ctx = canvas.getContext("2d");
  if (!ctx) return;
  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = theme.ink;
  ctx.font = `600 ${15 * px}px ${theme.font}`;
  ctx.fillText(name, 12 * px, 24 * px);
  let top = 36 * px;
  for (const u of charts) {
    ctx.drawImage(u.ctx.canvas, 0, top);
    top += u.ctx.canvas.height;
  }
  drawLegend(ctx, lines, theme, top + 20 * px, px);
  canvas.toBlob((blob) => blob && saveBlob(`${fileStem(name)}.png`, blob));
}

function drawLegend(ctx: CanvasRenderingContext2D, lines: Line[], theme: ChartTheme, top: number, px: number): void {
  ctx.font = `${12 * px}px ${theme.font}`;
  let left = 12 * px;
  for (const line of lines) {
    ctx.strokeStyle = theme.series[line.hue - 1] ?? theme.ink;
    ctx.lineWidth = line.width * px;
    ctx.setLineDash(line.dash === "solid" ? [] : [6 * px, 3 * px]);
    ctx.beginPath();
    ctx.moveTo(left, top - 4 * px);
    ctx.lineTo(left + 24 * px, top - 4 * px);
    ctx.stroke();
    ctx.fillText(line.title, left + 30 * px, top);
    left += 46 * px + ctx.measureText(line.title).width;
  }
}
