import { expect, test } from "vitest";
import type { Scene } from "./dragging";
import { beginDrag, endDrag, moveDrag, pinch } from "./dragging";
import type { Point } from "./geometry";

const SCENE: Scene = {
  at: { scale: 2, x: 10, y: 10 },
  image: [200, 100],
  boxes: [
    [0, 0, 100, 80],
    [20, 20, 60, 60],
  ],
  selected: null,
  tool: "draw",
  reach: 8,
};

function drag(scene: Scene, from: Point, ...to: Point[]) {
  const end = to.reduce((now, point) => moveDrag(scene, now, point), beginDrag(scene, from));
  return { end, edit: endDrag(scene, end, "cow") };
}

test("a drag draws a box, though there are others below", () => {
  expect(drag(SCENE, [60, 60], [100, 90]).edit).toEqual({ kind: "add", box: [25, 25, 45, 40], className: "cow" });
  expect(endDrag(SCENE, drag(SCENE, [60, 60], [100, 90]).end, null)).toBeNull();
});

test("a click chooses the smallest box under it, or none", () => {
  expect(drag(SCENE, [60, 60], [62, 61]).edit).toEqual({ kind: "select", index: 1 });
  expect(drag(SCENE, [20, 20]).edit).toEqual({ kind: "select", index: 0 });
  expect(drag(SCENE, [390, 190]).edit).toEqual({ kind: "select", index: null });
});

test("the chosen box is moved by its inside and changed by its handles", () => {
  const chosen = { ...SCENE, selected: 1 };
  expect(drag(chosen, [90, 90], [110, 100]).edit).toEqual({ kind: "place", index: 1, box: [30, 25, 70, 65] });
  expect(drag(chosen, [50, 50], [30, 30]).edit).toEqual({ kind: "place", index: 1, box: [10, 10, 60, 60] });
  expect(drag(chosen, [92, 90], [91, 90]).edit).toEqual({ kind: "select", index: 1 });
});

test("what is too thin to be meant is nothing", () => {
  expect(drag(SCENE, [300, 60], [300, 120]).edit).toBeNull();
});

test("the picture is dragged with its tool", () => {
  const { end, edit } = drag({ ...SCENE, tool: "pan" }, [50, 50], [80, 50]);
  expect([end.kind, end.isMoved, edit]).toEqual(["pan", true, null]);
});

test("two fingers zoom about their middle", () => {
  const moved = pinch([[0, 0], [10, 0]], [[0, 10], [20, 10]]); // prettier-ignore
  expect(moved).toEqual({ factor: 2, middle: [10, 10], by: [5, 10] });
});
