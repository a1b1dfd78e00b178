import { expect, it } from "vitest";
import { linePath } from "./linePath";

it("lifts the pen at a gap", () => {
  const same = (value: number): number => value;
  expect(linePath([0, 1, 2, 3], [5, null, 7, 8], same, same)).toBe("M0.0 5.0M2.0 7.0L3.0 8.0");
  expect(linePath([0, 1, 2], [5, undefined, 7], same, same)).toBe("M0.0 5.0L2.0 7.0");
});
