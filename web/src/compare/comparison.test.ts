import { describe, expect, it } from "vitest";
import { readDocument } from "../graphs/document";
import { comparableSeries, describeMethod, overlayLines, positions, readComparison, valueAt } from "./comparison";

const MAP = "metrics/mAP_0.5:0.95";
const run = (name: string, epochs: number, planned: number | null, more = {}) =>
  readDocument({
    name,
    epochs: Array.from({ length: epochs }, (_, i) => i),
    first_epoch: 0,
    epochs_planned: planned,
    series: { [MAP]: Array.from({ length: epochs }, (_, i) => i / 10), [`${MAP}/low`]: [], ...more },
  });

describe("positions", () => {
  it("counts epochs from 1", () => expect(positions(run("a", 3, 4), "epoch")).toEqual([1, 2, 3]));
  it("is the part of the schedule that is done", () => expect(positions(run("a", 2, 4), "share")).toEqual([0.25, 0.5]));
  it("is the part of what was trained when nothing was planned", () =>
    expect(positions(run("a", 2, null), "share")).toEqual([0.5, 1]));
  it("is not known without times", () => expect(positions(run("a", 2, 4), "time")).toBeNull());
});

it("offers what most runs have first, and no bounds", () => {
  const found = comparableSeries([run("a", 2, 2), run("b", 2, 2, { "metrics/recall": [0, 1] })]);
  expect(found.map(({ key }) => key)).toEqual([MAP, "metrics/recall"]);
  expect(found[1]?.title).toBe("recall (1 of 2 runs)");
});

describe("overlayLines", () => {
  const documents = [run("a", 2, 2), run("b", 2, 2), run("c", 3, 3)];
  const band = { mean: [0.1, 0.2], low: [0, 0.1], high: [0.2, 0.3] };
  const group = {
    runs: [0, 2],
    name: "a and 1 more",
    epochs: [0, 1],
    series: { [MAP]: band },
    best: null,
    sentence: "",
  };
  const comparison = readComparison({ groups: [group] });

  it("gives repeats one hue, and others another", () => {
    const lines = overlayLines(documents, comparison, MAP, "epoch");
    expect(lines.map(({ key, hue }) => [key, hue])).toEqual([
      ["run0", 1],
      ["run1", 2],
      ["run2", 1],
      ["mean0", 1],
    ]);
    expect(new Set([lines[0]?.dash, lines[2]?.dash]).size).toBe(2);
    expect(lines[3]).toMatchObject({ x: [1, 2], y: band.mean, low: band.low, high: band.high });
  });
  it("leaves out what has no such series or axis", () => {
    expect(overlayLines(documents, comparison, "constructor", "epoch")).toEqual([]);
    expect(overlayLines(documents, comparison, MAP, "time")).toEqual([]);
  });
  it("says nothing beyond the end of a run", () => {
    const line = overlayLines(documents, readComparison(null), MAP, "epoch")[0];
    expect(line && [valueAt(line, 2), valueAt(line, 3)]).toEqual([0.1, null]);
  });
});

describe("describeMethod", () => {
  const documents = [run("a", 2, 2), run("b", 2, 2)].map((doc) => ({
    ...doc,
    evaluation: { split: "test" } as NonNullable<typeof doc.evaluation>,
  }));
  const pair = { first: 0, second: 1, difference: 0.01, sentence: "", images: 12, resamples: 1000 };

  it("names the split, both runs, and which way the difference goes", () => {
    const found = {
      ...pair,
      method: "paired_bootstrap" as const,
      low: -0.003,
      high: 0.015,
      chance_second_better: 0.86,
    };
    const text = describeMethod(found, documents);
    expect(text).toContain("By the final evaluation on test, not by the graph");
    expect(text).toContain("mAP_0.5:0.95 of b less that of a: −0.003 to +0.015 (95 %).");
    expect(text).toContain("b is better in 86 % of the resamples");
    expect(describeMethod(found, [])).toContain("By the final evaluation: paired");
  });
  it("says when nothing but two numbers was compared", () => {
    expect(describeMethod({ ...pair, method: "numbers" }, documents)).toBe("By the best value of each run alone.");
  });
});
