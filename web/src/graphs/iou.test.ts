import { describe, expect, it } from "vitest";
import { moved, overlap, passed, resized, THRESHOLDS } from "./iou";

const box = { x: 0, y: 0, width: 10, height: 10 };

describe("overlap", () => {
  it("counts what both cover once", () => {
    const found = overlap(box, { ...box, x: 5 });
    expect([found.intersection, found.union]).toEqual([50, 150]);
    expect(found.iou).toBeCloseTo(1 / 3);
  });
  it("is 1 for equal boxes and 0 for boxes that only touch", () => {
    expect(overlap(box, box).iou).toBe(1);
    expect(overlap(box, { ...box, x: 10 }).iou).toBe(0);
    expect(overlap(box, { ...box, x: 40, y: 40 }).intersection).toBe(0);
  });
  it("does not depend on the order", () => {
    const other = { x: 3, y: -4, width: 20, height: 9 };
    expect(overlap(box, other).iou).toBe(overlap(other, box).iou);
  });
});

it("asks for ten overlaps, the first of them a half", () => {
  expect(THRESHOLDS).toEqual([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]);
  expect([0.49, 0.5, 0.74, 0.75, 1].map(passed)).toEqual([0, 1, 5, 6, 10]);
});

it("keeps boxes inside the drawing and large enough to be seen", () => {
  expect(moved(box, -5, 500, [100, 80])).toEqual({ ...box, x: 0, y: 70 });
  expect(resized(box, 500, -500, [100, 80])).toEqual({ ...box, width: 100, height: 16 });
});
