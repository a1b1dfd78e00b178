import { describe, expect, it } from "vitest";
import { buildColumns, buildData, buildOptions, isolated, yRange } from "./chartOptions";
import { readDocument } from "./document";
import { buildPanels, MAP50_95 } from "./panels";

const doc = readDocument({
  epochs: [1, 2, 3],
  series: {
    [MAP50_95]: [0.1, null, 0.3],
    [`${MAP50_95}/low`]: [0.05, null, 0.2],
    [`${MAP50_95}/high`]: [0.2, null, 0.4],
    "train/box_loss": [2, 0, 1],
    "val/box_loss": [2, 1.5, 1],
  },
});
const [losses, metrics] = buildPanels(doc, [], "0.5");
if (!losses || !metrics) throw new Error("no panels");
const theme = {
  ink: "#000000",
  muted: "#000000",
  grid: "#000000",
  line: "#000000",
  surface: "#ffffff",
  bad: "#ff0000",
  past: "#888888",
  accent: "#0000ff",
  series: ["#111111", "#222222", "#333333", "#444444", "#555555", "#666666", "#777777", "#888888"],
  font: "sans-serif",
};

describe("buildColumns", () => {
  it("puts the band below and the raw line under its smoothed one", () => {
    expect(buildColumns(metrics, [], 0.6).map((column) => column.kind)).toEqual(["high", "low", "raw", "line"]);
  });
  it("draws one line where nothing is smoothed, and none that is hidden", () => {
    expect(buildColumns(losses, ["train/box_loss"], 0).map((column) => column.line.key)).toEqual(["val/box_loss"]);
  });
});

describe("buildData", () => {
  const all = { x: [1, 2, 3], kept: [0, 1, 2], smooth: 0, isLog: false };
  it("keeps null where there is no value", () => {
    expect(buildData(doc, buildColumns(metrics, [], 0), all).at(-1)).toEqual([0.1, null, 0.3]);
  });
  it("smooths before it thins", () => {
    const options = { ...all, kept: [0, 2], smooth: 0.5 };
    const [, , smooth] = buildData(doc, buildColumns(losses, ["train/box_loss"], 0.5), options);
    // By hand, all three values: (0.125*2 + 0.25*1.5 + 0.5*1) / 0.875 = 9/7; thinned first it would be 4/3.
    expect(smooth?.[1]).toBeCloseTo(9 / 7, 12);
  });
  it("leaves out zero on a logarithmic axis", () => {
    const data = buildData(doc, buildColumns(losses, [], 0), { ...all, isLog: true });
    expect(data[1]).toEqual([2, null, 1]);
  });
});

describe("yRange", () => {
  it("starts fractions at 0 and never goes above 1", () => {
    expect(yRange(0.4, 0.99, null, true, false)).toEqual([0, 1]);
    expect(yRange(0, 0.5, null, true, false)).toEqual([0, 0.54]);
  });
  it("takes in superseded points", () => {
    const [low, high] = yRange(1, 2, [0.5, 9], false, false);
    expect(low).toBeLessThanOrEqual(0.5);
    expect(high).toBeGreaterThanOrEqual(9);
  });
  it("has an answer when nothing is in sight", () => {
    expect(yRange(null, null, null, true, false)).toEqual([0, 1]);
    expect(yRange(0, 0, null, true, false)).toEqual([0, 1]);
  });
});

describe("buildOptions", () => {
  const columns = buildColumns(metrics, [], 0);
  const options = buildOptions({
    panel: metrics,
    columns,
    theme,
    axis: "epoch",
    isLog: false,
    hasGaps: () => true,
    width: 600,
    height: 200,
    syncKey: "s",
    extraRange: () => null,
    hooks: {},
  });
  it("has one series per column behind x", () => expect(options.series).toHaveLength(columns.length + 1));
  it("fills the band between high and low", () => expect(options.bands?.[0]?.series).toEqual([1, 2]));
  it("does not bridge a NaN", () => expect(options.series.at(-1)?.spanGaps).toBe(false));
  it("links the cursors and leaves zooming to the page", () => {
    expect(options.cursor?.sync?.key).toBe("s");
    expect(options.cursor?.drag?.setScale).toBe(false);
  });
});

it("finds points that stand alone", () => {
  expect(
    isolated(
      {
        data: [
          [1, 2, 3, 4],
          [5, null, 5, null],
        ],
      },
      1,
      false,
    ),
  ).toEqual([0, 2]);
  expect(
    isolated(
      {
        data: [
          [1, 2, 3],
          [5, 5, null],
        ],
      },
      1,
      false,
    ),
  ).toEqual([]);
});
