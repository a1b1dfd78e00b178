import { describe, expect, it } from "vitest";
import { chosenOf, commonMistakes, fCurve, fScore, iou, matchExample, nearestIndex, readingAt } from "./curves";
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

describe("fScore", () => {
  it("is the harmonic mean at beta 1 and leans to recall at 2", () => {
    expect(fScore(0.5, 1, 1)).toBeCloseTo(2 / 3, 12);
    expect(fScore(0.5, 1, 2)).toBeCloseTo(2.5 / 3, 12);
    expect(fScore(0.5, 1, 0.5)).toBeCloseTo(0.625 / 1.125, 12);
  });
  it("is 0 when nothing is detected, and nothing without annotations", () => {
    expect([fScore(null, 0, 1), fScore(0, 0, 1), fScore(0.5, null, 1)]).toEqual([0, 0, null]);
  });
});

const curve = (precision: (number | null)[], recall: (number | null)[]) => ({
  precision,
  recall,
  pr: { recall: [], precision: [] },
});
const threshold = { confidence: 0.4, f: 0.8, precision: 0.8, recall: 0.8, low: 0.3, high: 0.5, annotations: 60 };
const best = { ...threshold, well_founded: true };
const base = { split: "test", images: 1, "mAP_0.5": 0, "mAP_0.5:0.95": 0, precision: 0, recall: 0, confidence: 0 };

it("has F of a class from its curves, of all classes as it was saved", () => {
  const per_class = { b: curve([0.5, null], [0.5, 0]), unseen: curve([0, 0], [null, null]) };
  const numbers = { ...base, curves: { confidence: [0, 1], ...curve([], []), "f0.5": [0.7, 0.6], per_class } };
  expect(fCurve(numbers, null, "0.5")).toEqual([0.7, 0.6]);
  expect(fCurve(numbers, "b", "1")).toEqual([0.5, 0]);
  expect(fCurve(numbers, "unseen", "1")).toEqual([null, null]);
  expect(fCurve(numbers, "constructor", "1")).toEqual([]);
});

describe("chosenOf", () => {
  const here = { beta: 1, all: { ...best, confidence: 0.6 }, per_class: {} };
  it("takes what val chose and this split checked", () => {
    const checked = { f: 0.7, precision: 0.7, recall: 0.7 };
    const chosen = [{ beta: 1, all: { confidence: 0.4, chosen: best, checked }, per_class: { a: null } }];
    const numbers = { ...base, thresholds: [here], chosen };
    expect(chosenOf(numbers, null, 1)).toEqual({ best, checked, own: here.all });
    expect(chosenOf(numbers, "a", 1)).toBeNull();
    expect(chosenOf(numbers, null, 2)).toBeNull();
  });
  it("takes this split's own where nothing else chose", () => {
    expect(chosenOf({ ...base, thresholds: [here] }, null, 1)?.checked).toBeNull();
  });
});

describe("readingAt", () => {
  const curves = { confidence: [0, 0.4, 0.5], ...curve([0.1, 0.2, 0.3], [0.9, 0.8, 0.7]), f1: [0.4, 0.5, 0.6] };
  const own = { beta: 1, all: { ...best, confidence: 0.404, f: 0.81 }, per_class: {} };
  const numbers = { ...base, curves: { ...curves, per_class: {} }, thresholds: [own] };
  it("says at the chosen threshold what is said of it elsewhere, and the curves beside it", () => {
    expect(readingAt(numbers, null, "1", 0.404)).toEqual({ precision: 0.8, recall: 0.8, f: 0.81 });
    expect(readingAt(numbers, null, "1", 0.4)).toEqual({ precision: 0.2, recall: 0.8, f: 0.5 });
  });
  it("says what the threshold of val is worth here", () => {
    const checked = { f: 0.7, precision: 0.71, recall: 0.69 };
    const chosen = [
      { beta: 1, all: { confidence: 0.404, chosen: { ...best, confidence: 0.404 }, checked }, per_class: {} },
    ];
    expect(readingAt({ ...numbers, chosen }, null, "1", 0.404)).toEqual(checked);
  });
});

it("names the mistakes", () => {
  const matrix = [
    [90, 2, 7],
    [0, 50, 0],
    [5, 0, 0],
  ];
  expect(commonMistakes({ classes: ["cat", "dog", "background"], matrix }, 2)).toEqual([
    { count: 7, text: "cat missed", cell: [0, 2] },
    { count: 5, text: "cat seen where there is none", cell: [2, 0] },
  ]);
});

it("finds the nearest value", () => expect(nearestIndex([0, 0.1, 0.2], 0.14)).toBe(1));
