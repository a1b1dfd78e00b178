import { describe, expect, it } from "vitest";
import { keptIndices } from "./thinning";

describe("keptIndices", () => {
  it("keeps every point of a short run", () => {
    expect(keptIndices(5, [[1, 2, 3, 4, 5]], 100)).toEqual([0, 1, 2, 3, 4]);
  });
  it("keeps a spike and a dip of one point among a hundred thousand", () => {
    const values = Array.from({ length: 100_000 }, () => 0.5);
    values[41_234] = 9;
    values[77_777] = -9;
    const kept = keptIndices(values.length, [values], 500);
    expect(kept).toContain(41_234);
    expect(kept).toContain(77_777);
    expect(kept.length).toBeLessThanOrEqual(2_000);
  });
  it("keeps the first and the last point", () => {
    const kept = keptIndices(10_000, [Array(10_000).fill(1)], 10);
    expect(kept[0]).toBe(0);
    expect(kept.at(-1)).toBe(9_999);
  });
  it("keeps a gap", () => {
    const values: (number | null)[] = Array(10_000).fill(1);
    values[5_003] = null;
    expect(keptIndices(10_000, [values], 10)).toContain(5_003);
  });
  it("looks only at what is in sight, and one point to each side so that lines reach the edge", () => {
    const kept = keptIndices(100, [Array(100).fill(1)], 100, 40, 50);
    expect(kept[0]).toBe(39);
    expect(kept.at(-1)).toBe(50);
  });
});
