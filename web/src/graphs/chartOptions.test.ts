import { describe, expect, it } from "vitest";
import { buildColumns, buildData, buildOptions, isolated, lineWidths, yRange } from "./chartOptions";
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
  it("leaves out zero on a logarithmic axis", () => {
    const tracks = [{ x: [1, 2, 3], y: [2, 0, 1] }];
    const options = { range: [1, 3] as [number, number], buckets: 100 };
    expect(buildData(tracks, { ...options, isLog: true })[1]).toEqual([2, null, 1]);
    expect(buildData(tracks, { ...options, isLog: false })[1]).toEqual([2, 0, 1]);
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
    isClose: () => false,
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
          [5, undefined, 5],
        ],
      },
      1,
      false,
    ),
  ).toEqual([]);
});

it("finds points alone at the ends, and none in a line", () => {
  const alone = (values: (number | null | undefined)[]) => isolated({ data: [[], values] }, 1, false);
  expect(alone([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(alone([1, 2])).toEqual([]);
  expect(alone([null, undefined, 1, undefined, null])).toEqual([2]);
  expect(alone([])).toEqual([]);
});

describe("line widths", () => {
  const column = (length: number) => Array.from({ length }, (_, at) => at);

  it("stay as planned in a chart of some hundred epochs", () => {
    expect(lineWidths([0, 2.25], [column(300), column(300)], 1)).toEqual([0, 2.25]);
  });

  it("are one pixel of the screen where very many points are in sight", () => {
    expect(lineWidths([1, 2.25, 1], [column(3000), column(3000), column(3000)], 2)).toEqual([0.5, 0.5, 0.5]);
    expect(lineWidths([1, 0], [column(6000), column(6000)], 1)).toEqual([1, 0]);
  });

  it("count what a line has and not what others have", () => {
    const empty = Array.from({ length: 6000 }, () => null);
    expect(lineWidths([1, 2], [column(6000), [...empty, 1]], 1)).toEqual([1, 2]);
  });
});
