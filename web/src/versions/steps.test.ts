import { describe, expect, it } from "vitest";
import type { SettingsTable, StepKind } from "./api";
import { describeStep, orderSteps, settingsToSend, startValue, summarize } from "./steps";

const SIDES: StepKind = { kind: "group", fields: { horizontal: { kind: "flag" }, vertical: { kind: "flag" } } };
const PERCENT = { kind: "number", low: 0, high: 99, unit: "percent", whole: false, default: null } as const;

describe("startValue", () => {
  it("sets the first flag of a group, because none would do nothing", () => {
    expect(startValue(SIDES)).toEqual({ horizontal: true, vertical: false });
  });

  it("takes the default, else a mild value inside the range", () => {
    expect(startValue({ ...PERCENT, default: 7 })).toBe(7);
    expect(startValue(PERCENT)).toBe(15);
    expect(startValue({ kind: "choice", texts: ["a", "b"] })).toBe("a");
  });
});

describe("settingsToSend", () => {
  const base = { preprocessing: {}, split: {}, seed: 0 };

  it("asks for several outputs only when something varies them", () => {
    expect(settingsToSend({ ...base, augmentation: {} }, 3).augmentation).toEqual({});
    expect(settingsToSend({ ...base, augmentation: { flip: { horizontal: true } } }, 3).augmentation).toEqual({
      image: { versions: 3 },
      flip: { horizontal: true },
    });
  });
});

describe("summarize", () => {
  it("says a step in one line", () => {
    expect(summarize("resize", { width: 640, height: 480, format: "Stretch to" })).toBe("Resize: Stretch to 640 × 480");
    expect(summarize("flip", { horizontal: true, vertical: false })).toBe("Flip: horizontal");
    expect(summarize("auto-orient", true)).toBe("Auto-orient");
    expect(summarize("bbblur", { pixels: 2 })).toBe("Box: blur: 2 pixels");
  });
});

describe("orderSteps", () => {
  it("puts the steps of boxes last and shows one that it does not know", () => {
    const table: SettingsTable = {
      preprocessing: {},
      augmentation: { image: { kind: "flag" }, bbflip: SIDES, flip: SIDES, sparkle: { kind: "flag" } },
      split: {},
    };
    expect(orderSteps(table, "augmentation").map(([key]) => key)).toEqual(["flip", "sparkle", "bbflip"]);
    expect(describeStep("sparkle").title).toBe("sparkle");
  });
});
