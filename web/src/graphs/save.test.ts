import { describe, expect, it } from "vitest";
import type { Line } from "./panels";
import { fileStem, legendRows } from "./save";

const lines = ["a", "bb", "ccc"].map((title) => ({ key: title, title, hue: 1, dash: "solid", width: 1 }) as Line);

describe("legendRows", () => {
  it("begins a new row where a line would leave the picture", () => {
    const rows = legendRows(lines, (text) => 10 * text.length, 110);
    expect(rows.map((row) => row.map(({ line, left }) => [line.title, left]))).toEqual([
      [
        ["a", 0],
        ["bb", 56],
      ],
      [["ccc", 0]],
    ]);
  });
  it("gives a title that is wider than the picture a row of its own", () => {
    expect(legendRows(lines, () => 500, 110)).toHaveLength(3);
    expect(legendRows([], () => 500, 110)).toEqual([]);
  });
});

describe("fileStem", () => {
  it("keeps letters of any script and nothing that leads elsewhere", () => {
    expect(fileStem("../Zellen ä/1")).toBe("_Zellen_ä_1");
    expect(fileStem("…")).toBe("_");
  });
});
