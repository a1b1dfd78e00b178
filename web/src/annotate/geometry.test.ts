import { expect, test } from "vitest";
import type { Corners } from "./geometry";
import {
  boxAt,
  boxBetween,
  carryBox,
  fit,
  handleAt,
  isLargeEnough,
  keepInSight,
  moveBox,
  resizeBox,
  toPicture,
  toScreen,
  zoomAt,
} from "./geometry";

const IMAGE = [200, 100] as const;
const STAGE = [424, 424] as const;
const BOX: Corners = [50, 20, 90, 60];

test("a picture fits into the stage, in the middle, with a margin", () => {
  expect(fit(IMAGE, STAGE)).toEqual({ scale: 2, x: 12, y: 112 });
  expect(fit([1, 1], STAGE).scale).toBe(40);
});

test("what is on the screen and on the picture are the same place", () => {
  const at = fit(IMAGE, STAGE);
  const [x1, y1, x2, y2] = toScreen(at, BOX);
  expect([x1, y1, x2, y2]).toEqual([112, 152, 192, 232]);
  expect(toPicture(at, [x1, y1])).toEqual([50, 20]);
});

test("zooming keeps the place under the pointer, within bounds", () => {
  const at = fit(IMAGE, STAGE);
  const point = [150, 180] as const;
  const near = zoomAt(at, 3, point, IMAGE, STAGE);
  expect(near.scale).toBe(6);
  expect(toPicture(near, point)).toEqual(toPicture(at, point));
  expect(zoomAt(at, 1e6, point, IMAGE, STAGE).scale).toBe(40);
  const far = zoomAt(at, 1e-6, point, IMAGE, STAGE);
  expect(far.scale * 200).toBeCloseTo(32);
});

test("the picture cannot be moved out of sight", () => {
  const at = fit(IMAGE, STAGE);
  expect(keepInSight({ ...at, x: 9999 }, IMAGE, STAGE).x).toBe(424 - 32);
  expect(keepInSight({ ...at, x: -9999 }, IMAGE, STAGE).x).toBe(32 - 400);
});

test("a box is drawn from any corner and ends at the edge of the picture", () => {
  expect(boxBetween([90, 60], [50, 20], IMAGE)).toEqual(BOX);
  expect(boxBetween([-10, 90], [250, 40], IMAGE)).toEqual([0, 40, 200, 90]);
  expect(isLargeEnough([5, 5, 6.9, 30])).toBe(false);
  expect(isLargeEnough([5, 5, 7, 7])).toBe(true);
});

test("moving keeps the size and stays on the picture", () => {
  expect(moveBox(BOX, [10, -5], IMAGE)).toEqual([60, 15, 100, 55]);
  expect(moveBox(BOX, [999, 999], IMAGE)).toEqual([160, 60, 200, 100]);
  expect(moveBox(BOX, [-999, -999], IMAGE)).toEqual([0, 0, 40, 40]);
});

test("a side or corner follows the pointer, over the opposite one too", () => {
  expect(resizeBox(BOX, "e", [120, 999], IMAGE)).toEqual([50, 20, 120, 60]);
  expect(resizeBox(BOX, "nw", [40, 10], IMAGE)).toEqual([40, 10, 90, 60]);
  expect(resizeBox(BOX, "w", [130, 0], IMAGE)).toEqual([90, 20, 130, 60]);
  expect(resizeBox(BOX, "se", [500, 500], IMAGE)).toEqual([50, 20, 200, 100]);
});

test("the corner is grabbed before the side, and nothing far from both", () => {
  expect(handleAt(BOX, [52, 22], 6)).toBe("nw");
  expect(handleAt(BOX, [70, 58], 6)).toBe("s");
  expect(handleAt(BOX, [70, 40], 6)).toBeNull();
  expect(handleAt([10, 10, 14, 14], [12, 12], 6)).toBe("nw");
});

test("of boxes within each other the smallest is meant", () => {
  const boxes: Corners[] = [[0, 0, 100, 100], BOX, [150, 0, 200, 50]];
  expect(boxAt(boxes, [60, 30])).toBe(1);
  expect(boxAt(boxes, [10, 90])).toBe(0);
  expect(boxAt(boxes, [120, 90])).toBeNull();
  expect(boxAt(boxes, [147, 20], 4)).toBe(2);
});

test("a box of another picture lies at the same place of this one", () => {
  expect(carryBox(BOX, IMAGE, [400, 300])).toEqual([100, 60, 180, 180]);
});
