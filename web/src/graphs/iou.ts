/** Two boxes, what they share, and which of mAP's thresholds that passes. Pure. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Overlap {
  /** What both cover; of no size where they do not touch. */
  shared: Box;
  /** Areas in the square of the boxes' unit. */
  intersection: number;
  union: number;
  /** Intersection over union, 0 to 1. */
  iou: number;
}

/** The overlaps at which mAP_0.5:0.95 is the mean. */
export const THRESHOLDS = Array.from({ length: 10 }, (_, i) => (50 + 5 * i) / 100);

const SMALLEST = 16;

export function overlap(a: Box, b: Box): Overlap {
  const [left, top] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - left);
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - top);
  const intersection = width * height;
  // What both cover is counted once: the sum of the areas would count it twice.
  const union = a.width * a.height + b.width * b.height - intersection;
  return { shared: { x: left, y: top, width, height }, intersection, union, iou: union > 0 ? intersection / union : 0 };
}

/** How many of the ten thresholds a box passes; at a threshold itself it does. */
export function passed(iou: number): number {
  return THRESHOLDS.filter((threshold) => iou >= threshold - 1e-9).length;
}

/** The box at another place, inside the drawing. */
export function moved(box: Box, dx: number, dy: number, [width, height]: [number, number]): Box {
  const inside = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
  return { ...box, x: inside(box.x + dx, width - box.width), y: inside(box.y + dy, height - box.height) };
}

/** The box with its right lower corner at another place, inside the drawing and never so small that it cannot be seen. */
export function resized(box: Box, dx: number, dy: number, [width, height]: [number, number]): Box {
  const within = (value: number, most: number): number => Math.min(Math.max(value, SMALLEST), most);
  return {
    ...box,
    width: within(box.width + dx, width - box.x),
    height: within(box.height + dy, height - box.y),
  };
}
