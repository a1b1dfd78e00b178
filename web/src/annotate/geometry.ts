/** Where boxes are on the picture and on the screen, and what dragging does to them. Pure; all in pixels. */

/** x_min, y_min, x_max, y_max. */
export type Corners = readonly [number, number, number, number];
export type Point = readonly [number, number];
export type Size = readonly [number, number];

/** How the picture lies on the stage: screen = picture × scale + offset. */
export interface Placement {
  scale: number;
  x: number;
  y: number;
}

/** The corners and the middles of the sides, by the compass. */
export const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type Handle = (typeof HANDLES)[number];

/** Smaller ones, in pixels of the picture, are slips of the hand. */
const LEAST_PX = 2;
const MARGIN_PX = 12;
const [MOST_SCALE, LEAST_SHOWN_PX] = [40, 32];

export function fit([width, height]: Size, [stageWidth, stageHeight]: Size): Placement {
  const room: Size = [Math.max(1, stageWidth - 2 * MARGIN_PX), Math.max(1, stageHeight - 2 * MARGIN_PX)];
  const scale = Math.min(room[0] / width, room[1] / height, MOST_SCALE);
  return { scale, x: (stageWidth - width * scale) / 2, y: (stageHeight - height * scale) / 2 };
}

/** Zoomed by a factor so that the point of the stage stays where it is; some of the picture stays in sight. */
export function zoomAt(at: Placement, factor: number, [x, y]: Point, image: Size, stage: Size): Placement {
  const least = Math.min(fit(image, stage).scale, LEAST_SHOWN_PX / Math.max(...image));
  const scale = Math.min(MOST_SCALE, Math.max(least, at.scale * factor));
  const by = scale / at.scale;
  return keepInSight({ scale, x: x - (x - at.x) * by, y: y - (y - at.y) * by }, image, stage);
}

export function keepInSight(at: Placement, image: Size, stage: Size): Placement {
  const bound = (offset: number, length: number, room: number): number =>
    clamp(offset, LEAST_SHOWN_PX - length * at.scale, room - LEAST_SHOWN_PX);
  return { scale: at.scale, x: bound(at.x, image[0], stage[0]), y: bound(at.y, image[1], stage[1]) };
}

export function toPicture(at: Placement, [x, y]: Point): Point {
  return [(x - at.x) / at.scale, (y - at.y) / at.scale];
}

export function toScreen(at: Placement, [x1, y1, x2, y2]: Corners): Corners {
  return [x1 * at.scale + at.x, y1 * at.scale + at.y, x2 * at.scale + at.x, y2 * at.scale + at.y];
}

/** The box between two points, in any order, cut at the edges of the picture. */
export function boxBetween([ax, ay]: Point, [bx, by]: Point, [width, height]: Size): Corners {
  return [
    clamp(Math.min(ax, bx), 0, width),
    clamp(Math.min(ay, by), 0, height),
    clamp(Math.max(ax, bx), 0, width),
    clamp(Math.max(ay, by), 0, height),
  ];
}

export function isLargeEnough([x1, y1, x2, y2]: Corners): boolean {
  return x2 - x1 >= LEAST_PX && y2 - y1 >= LEAST_PX;
}

/** Moved as far as the picture reaches; its size stays. */
export function moveBox([x1, y1, x2, y2]: Corners, [dx, dy]: Point, [width, height]: Size): Corners {
  const x = clamp(dx, -x1, width - x2);
  const y = clamp(dy, -y1, height - y2);
  return [x1 + x, y1 + y, x2 + x, y2 + y];
}

/** With one side or corner dragged to a point; dragged over the opposite side it turns over. */
export function resizeBox(box: Corners, handle: Handle, [x, y]: Point, image: Size): Corners {
  let [x1, y1, x2, y2] = box;
  if (handle.includes("w")) x1 = x;
  if (handle.includes("e")) x2 = x;
  if (handle.includes("n")) y1 = y;
  if (handle.includes("s")) y2 = y;
  return boxBetween([x1, y1], [x2, y2], image);
}

/** A box of another picture at the same place of this one: fractions stay when the sizes differ. */
export function carryBox([x1, y1, x2, y2]: Corners, from: Size, to: Size): Corners {
  const [x, y] = [to[0] / from[0], to[1] / from[1]];
  return [x1 * x, y1 * y, x2 * x, y2 * y];
}

export function handlePoint([x1, y1, x2, y2]: Corners, handle: Handle): Point {
  const x = handle.includes("w") ? x1 : handle.includes("e") ? x2 : (x1 + x2) / 2;
  const y = handle.includes("n") ? y1 : handle.includes("s") ? y2 : (y1 + y2) / 2;
  return [x, y];
}

/** The handle of a box, on the screen, that a point of the screen is near; corners before sides. */
export function handleAt(box: Corners, [x, y]: Point, within: number): Handle | null {
  const near = (handle: Handle): boolean => {
    const [hx, hy] = handlePoint(box, handle);
    return Math.abs(x - hx) <= within && Math.abs(y - hy) <= within;
  };
  return HANDLES.find((one) => one.length === 2 && near(one)) ?? HANDLES.find((one) => near(one)) ?? null;
}

export function isInside([x1, y1, x2, y2]: Corners, [x, y]: Point, within = 0): boolean {
  return x >= x1 - within && x <= x2 + within && y >= y1 - within && y <= y2 + within;
}

/** Which of the boxes a point means: the smallest that it is in, because a larger one can be reached around it. */
export function boxAt(boxes: readonly Corners[], point: Point, within = 0): number | null {
  let found: number | null = null;
  boxes.forEach((box, i) => {
    const best = found === null ? undefined : boxes[found];
    if (isInside(box, point, within) && (best === undefined || area(box) < area(best))) found = i;
  });
  return found;
}

function area([x1, y1, x2, y2]: Corners): number {
  return (x2 - x1) * (y2 - y1);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, Math.max(low, high)));
}
