/** What the y axis has to hold besides the points in sight, so that no line runs out of the drawing. Pure. */
import type { Cells } from "./alignment";
import { lowerBound } from "./alignment";
import type { PanelDrawing } from "./panelDrawing";

type Range = [number, number];

/** Points that a resume replaced, and where lines cross the edges of what is zoomed into; null when there are none. */
export function besideRange({ data, range, decoration }: PanelDrawing): Range | null {
  const [from, to] = range;
  let [low, high] = [Infinity, -Infinity];
  const take = (value: number | null | undefined): void => {
    if (value === null || value === undefined) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const { x, y } of decoration.superseded) {
    y.forEach((value, i) => {
      const at = x[i] ?? NaN;
      if (at >= from && at <= to) take(value);
    });
  }
  const [x, ...columns] = data;
  for (const cells of columns) for (const edge of range) take(valueAt(x, cells, edge));
  return low <= high ? [low, high] : null;
}

/** On the straight line between the neighbours that have a value; undefined where there is no line. */
function valueAt(x: number[], cells: Cells, edge: number): number | undefined {
  let right = lowerBound(x, edge);
  let left = right - 1;
  while (right < cells.length && (cells[right] === null || cells[right] === undefined)) right++;
  while (left >= 0 && (cells[left] === null || cells[left] === undefined)) left--;
  const [x0, x1, y0, y1] = [x[left], x[right], cells[left], cells[right]];
  if (x0 === undefined || x1 === undefined || typeof y0 !== "number" || typeof y1 !== "number") return undefined;
  return y0 + ((y1 - y0) * (edge - x0)) / (x1 - x0);
}
