import { describe, expect, it } from "vitest";
import { formatCounted, formatDuration, formatFraction, formatValue } from "./format";

describe("formatValue", () => {
  it.each([
    [0, "0.0000"],
    [0.60423, "0.6042"],
    [0.00005, "5.00e-5"],
    [0.0042, "0.00420"],
    [12.345, "12.35"],
    [123.45, "123.5"],
    [1e9, "1.00e9"],
    [null, "–"],
    [NaN, "–"],
  ])("%s is %s", (value, text) => expect(formatValue(value)).toBe(text));
});

describe("formatDuration", () => {
  it.each([
    [0, "0 s"],
    [4.25, "4.3 s"],
    [59.7, "60 s"],
    [200, "3 min 20 s"],
    [3600, "1 h"],
    [7500, "2 h 5 min"],
    [273_600, "3 d 4 h"],
    [null, "–"],
  ])("%s is %s", (value, text) => expect(formatDuration(value)).toBe(text));
});

it("shows fractions with three decimals", () => expect(formatFraction(0.5)).toBe("0.500"));

it.each([
  [formatCounted(1, "image"), "1 image"],
  [formatCounted(0, "image"), "0 images"],
  [formatCounted(1204, "box", "boxes"), "1,204 boxes"],
])("%s", (text, expected) => expect(text).toBe(expected));
