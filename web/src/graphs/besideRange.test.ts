import { describe, expect, it } from "vitest";
import { besideRange } from "./besideRange";
import { NO_DECORATION } from "./decoration";
import type { PanelDrawing } from "./panelDrawing";

const drawing = (data: PanelDrawing["data"], range: [number, number], superseded = NO_DECORATION.superseded) =>
  besideRange({ data, range, decoration: { ...NO_DECORATION, superseded } } as PanelDrawing);

describe("besideRange", () => {
  it("holds a line where it crosses the edges of what is in sight", () => {
    expect(
      drawing(
        [
          [1, 2, 3, 4],
          [9, 1, 2, 8],
        ],
        [1.5, 3.5],
      ),
    ).toEqual([5, 5]);
    expect(
      drawing(
        [
          [1, 2, 3, 4],
          [9, null, undefined, 0],
        ],
        [2, 2.5],
      ),
    ).toEqual([4.5, 6]);
  });
  it("is nothing where no line reaches the edge", () => {
    expect(
      drawing(
        [
          [1, 2, 3],
          [null, 5, null],
        ],
        [0, 4],
      ),
    ).toBeNull();
    expect(drawing([[]], [0, 1])).toBeNull();
  });
  it("holds what a resume replaced, as far as it is in sight", () => {
    const superseded = [{ key: "a", x: [2, 3, 9], y: [7, null, 99] }];
    expect(drawing([[]], [1, 4], superseded)).toEqual([7, 7]);
  });
});
