import { describe, expect, it } from "vitest";
import { DEFAULT_VIEW, formatAddress, parseAddress } from "./view";

describe("address", () => {
  it("is empty for the default view", () => {
    expect(formatAddress({ path: "", view: DEFAULT_VIEW })).toBe("#");
    expect(parseAddress("")).toEqual({ path: "", view: DEFAULT_VIEW });
  });
  it("reproduces every choice, with class names that hold marks of their own", () => {
    const view = {
      axis: "time" as const,
      smooth: 0.6,
      isLog: true,
      hidden: ["train/box_loss", "a&b=c,?#"],
      showClasses: true,
      showLr: true,
      classes: ["a,b", "<img src=x>"],
      iou: "0.5" as const,
      zoom: [10.5, 20] as [number, number],
      run: 2,
      compare: {
        metric: "class/a&b/AP_0.5",
        along: "share" as const,
        smooth: 0.9,
        isLog: true,
        zoom: [0.25, 0.5] as [number, number],
        hidden: ["run1", "mean0"],
      },
      evaluation: {
        split: "val",
        confidence: 0.35,
        className: "a&b",
        beta: "2" as const,
        cell: [1, 3] as [number, number],
      },
    };
    expect(parseAddress(formatAddress({ path: "/runs/a b", view }))).toEqual({ path: "/runs/a b", view });
  });
  it("tells nothing hidden from the default", () => {
    const view = { ...DEFAULT_VIEW, hidden: [] };
    expect(parseAddress(formatAddress({ path: "", view })).view.hidden).toEqual([]);
  });
  it("falls back on nonsense", () => {
    expect(
      parseAddress(
        "#/runs/x?smooth=7&zoom=9~1&run=-3&x=banana&along=constructor&zoom-runs=x&smooth-runs=1&confidence=7&beta=9&cell=1~x",
      ).view,
    ).toEqual(DEFAULT_VIEW);
  });
});
