/** What a finger or the mouse does on the stage, from its first to its last point. Pure; points are the screen's. */
import type { Edit } from "./editing";
import type { Corners, Handle, Placement, Point, Size } from "./geometry";
import {
  boxAt,
  boxBetween,
  handleAt,
  isInside,
  isLargeEnough,
  moveBox,
  resizeBox,
  toPicture,
  toScreen,
} from "./geometry";

export type Tool = "draw" | "pan";

interface Common {
  from: Point;
  /** It went farther than a click's trembling. */
  isMoved: boolean;
}

export type Drag =
  | (Common & { kind: "pan"; placement: Placement })
  | (Common & { kind: "draw"; box: Corners })
  | (Common & { kind: "move"; index: number; start: Corners; box: Corners })
  | (Common & { kind: "resize"; index: number; handle: Handle; start: Corners; box: Corners });

export interface Scene {
  at: Placement;
  image: Size;
  boxes: readonly Corners[];
  selected: number | null;
  tool: Tool;
  /** How near a handle is grabbed, in pixels of the screen: more for a finger. */
  reach: number;
}

const CLICK_PX = 4;

export function beginDrag(scene: Scene, from: Point): Drag {
  const { at, boxes, selected, reach } = scene;
  const common = { from, isMoved: false };
  if (scene.tool === "pan") return { ...common, kind: "pan", placement: at };
  const start = selected === null ? undefined : boxes[selected];
  if (selected !== null && start) {
    const shown = toScreen(at, start);
    const handle = handleAt(shown, from, reach);
    if (handle) return { ...common, kind: "resize", index: selected, handle, start, box: start };
    if (isInside(shown, from)) return { ...common, kind: "move", index: selected, start, box: start };
  }
  const point = toPicture(at, from);
  return { ...common, kind: "draw", box: boxBetween(point, point, scene.image) };
}

export function moveDrag(scene: Scene, drag: Drag, to: Point): Drag {
  const isMoved = drag.isMoved || Math.hypot(to[0] - drag.from[0], to[1] - drag.from[1]) >= CLICK_PX;
  if (!isMoved) return drag;
  const [from, point] = [toPicture(scene.at, drag.from), toPicture(scene.at, to)];
  switch (drag.kind) {
    case "pan":
      return { ...drag, isMoved };
    case "draw":
      return { ...drag, isMoved, box: boxBetween(from, point, scene.image) };
    case "move":
      return { ...drag, isMoved, box: moveBox(drag.start, [point[0] - from[0], point[1] - from[1]], scene.image) };
    case "resize":
      return { ...drag, isMoved, box: resizeBox(drag.start, drag.handle, point, scene.image) };
  }
}

/** What the drag has done; null: nothing. A click chooses the box under it. */
export function endDrag(scene: Scene, drag: Drag, className: string | null): Edit | null {
  if (drag.kind === "pan") return null;
  if (!drag.isMoved) {
    const within = scene.reach / 2 / scene.at.scale;
    return { kind: "select", index: boxAt(scene.boxes, toPicture(scene.at, drag.from), within) };
  }
  if (!isLargeEnough(drag.box)) return null;
  if (drag.kind !== "draw") return { kind: "place", index: drag.index, box: drag.box };
  return className === null ? null : { kind: "add", box: drag.box, className };
}

/** Two fingers: how far they went apart, and where their middle went. */
export function pinch(
  before: readonly [Point, Point],
  after: readonly [Point, Point],
): { factor: number; middle: Point; by: Point } {
  const length = ([a, b]: readonly [Point, Point]): number => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
  const middle = ([a, b]: readonly [Point, Point]): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [was, is] = [middle(before), middle(after)];
  return { factor: length(after) / length(before), middle: is, by: [is[0] - was[0], is[1] - was[1]] };
}
