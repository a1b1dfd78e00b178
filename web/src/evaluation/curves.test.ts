import { describe, expect, it } from "vitest";
import { bestConfidence, commonMistakes, iou, matchExample, nearestIndex } from "./curves";
import type { ExampleBox } from "./numbers";

const box = (x: number, class_name: string, confidence?: number): ExampleBox => ({
  box_xyxy: [x, 0, x + 10, 10],
  class_name,
  ...(confidence === undefined ? {} : { confidence }),
});

describe("iou", () => {
  it("is 1 on itself and 0 apart", () => {
    expect(iou([0, 0, 10, 10], [0, 0, 10, 10])).toBe(1);
    expect(iou([0, 0, 10, 10], [10, 0, 20, 10])).toBe(0);
  });
  it("counts the overlap once", () => expect(iou([0, 0, 10, 10], [5, 0, 15, 10])).toBeCloseTo(50 / 150, 12));
});

describe("matchExample", () => {
  it("finds each object once, by the most confident box", () => {
    const { found, right } = matchExample([box(0, "a")], [box(1, "a", 0.5), box(0, "a", 0.9)]);
    expect([[...found], [...right]]).toEqual([[0], [1]]);
  });
  it("does not take one class for another, nor a loose box", () => {
    expect(matchExample([box(0, "a")], [box(0, "b", 0.9), box(6, "a", 0.9)]).right.size).toBe(0);
  });
});

describe("bestConfidence", () => {
  const curve = (f1: (number | null)[]) => ({
    confidence: f1.map((_, i) => i / 10),
    precision: [],
    recall: [],
    f1,
    pr: { recall: [], precision: [] },
  });
  it("says how flat the top is", () => {
    expect(bestConfidence(curve([0.2, 0.795, 0.8, 0.799, 0.5, null]))).toEqual({
      best: 0.2,
      from: 0.1,
      to: 0.3,
      f1: 0.8,
    });
  });
  it("has no answer without a hit", () => expect(bestConfidence(curve([0, null]))).toBeNull());
});

it("names the mistakes", () => {
  const matrix = [
    [90, 2, 7],
    [0, 50, 0],
    [5, 0, 0],
  ];
  expect(commonMistakes({ classes: ["cat", "dog", "background"], matrix }, 2)).toEqual([
    { count: 7, text: "cat missed" },
    { count: 5, text: "cat seen where there is none" },
  ]);
});

it("finds the nearest value", () => expect(nearestIndex([0, 0.1, 0.2], 0.14)).toBe(1));
