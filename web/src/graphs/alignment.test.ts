import { describe, expect, it } from "vitest";
import { alignTracks, nearestIndex } from "./alignment";

const count = 100_000;
const x = Array.from({ length: count }, (_, i) => i);
const flat = (): (number | null)[] => Array.from({ length: count }, () => 0.5);

describe("alignTracks", () => {
  it("keeps every point of a short run where it is", () => {
    expect(alignTracks([{ x: [1, 2, 3], y: [5, null, 7] }], [1, 3], 100)).toEqual([
      [1, 2, 3],
      [5, null, 7],
    ]);
  });
  it("puts lines with other x beside each other, without gaps of the other's making", () => {
    const found = alignTracks(
      [
        { x: [1, 3], y: [5, 6] },
        { x: [2, 3], y: [7, null] },
      ],
      [1, 3],
      100,
    );
    expect(found).toEqual([
      [1, 2, 3],
      [5, undefined, 6],
      [undefined, 7, null],
    ]);
  });
  it("takes one point to each side of what is in sight", () => {
    const all = Array.from({ length: 10 }, (_, i) => i);
    expect(alignTracks([{ x: all, y: all }], [3.5, 5.5], 100)[0]).toEqual([3, 4, 5, 6]);
  });
  it("keeps a spike and a dip of one point among a hundred thousand, in few rows", () => {
    const y = flat();
    y[41_234] = 9;
    y[77_777] = -9;
    const [rows, drawn] = alignTracks([{ x, y }], [0, count - 1], 500);
    expect(rows).toHaveLength(2002);
    expect([drawn?.includes(9), drawn?.includes(-9)]).toEqual([true, true]);
    const at = drawn?.indexOf(9) ?? 0;
    expect(Math.abs((rows[at] ?? 0) - 41_234)).toBeLessThan(count / 500);
  });
  it("keeps the order of the smallest and the largest", () => {
    const y = flat();
    y[10] = 9;
    y[11] = -9;
    const drawn = alignTracks([{ x, y }], [0, count - 1], 10)[1] ?? [];
    expect(drawn.slice(1, 5)).toEqual([0.5, 9, -9, 0.5]);
  });
  it("keeps a gap that fills a bucket, and reaches the edges by a straight line", () => {
    const y = flat().fill(null, 50_000, 70_000);
    const drawn = alignTracks([{ x, y }], [0.5, count - 1.5], 10)[1] ?? [];
    expect(drawn).toContain(null);
    expect([drawn[0], drawn.at(-1)]).toEqual([0.5, 0.5]);
  });
  it("rows rise", () => {
    const [rows] = alignTracks([{ x, y: flat() }], [17.3, 90_000.7], 333);
    expect(rows.every((value, i) => i === 0 || value > (rows[i - 1] ?? 0))).toBe(true);
  });
});

it("finds the nearest point", () => {
  expect([-1, 0, 1.4, 1.5, 1.6, 9].map((value) => nearestIndex([0, 1, 2], value))).toEqual([0, 0, 1, 1, 2, 2]);
  expect(nearestIndex([], 3)).toBe(-1);
});
