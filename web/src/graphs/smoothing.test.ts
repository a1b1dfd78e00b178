import { describe, expect, it } from "vitest";
import { debiasedEma } from "./smoothing";

describe("debiasedEma", () => {
  it("leaves raw values alone at weight 0", () => {
    expect(debiasedEma([3, 1, 2], 0)).toEqual([3, 1, 2]);
  });
  it("starts at the first value and not near zero", () => {
    // By hand, w = 0.5: 4; (0.25*4 + 0.5*2) / 0.75 = 8/3.
    const smooth = debiasedEma([4, 2], 0.5);
    expect(smooth[0]).toBeCloseTo(4, 12);
    expect(smooth[1]).toBeCloseTo(8 / 3, 12);
  });
  it("keeps a constant constant, to the last epoch", () => {
    for (const value of debiasedEma(Array(50).fill(0.7), 0.9)) expect(value).toBeCloseTo(0.7, 12);
  });
  it("keeps gaps as gaps and carries on behind them", () => {
    const smooth = debiasedEma([1, null, NaN, 1], 0.6);
    expect(smooth.slice(1, 3)).toEqual([null, null]);
    expect(smooth[3]).toBeCloseTo(1, 12);
  });
  it("refuses a weight of 1, which would forget every value", () => {
    expect(() => debiasedEma([1], 1)).toThrow(RangeError);
  });
});
