import { describe, expect, it } from "vitest";
import { readDocument } from "../graphs/document";
import { DEFAULT_VIEW } from "../graphs/view";
import { overlayLines, readComparison } from "./comparison";
import { buildOverlayCsv, drawOverlay, extentOf } from "./overlay";

const LOSS = "val/box_loss";
const long = readDocument({
  name: "=long,run",
  epochs: [1, 2, 3, 4],
  series: { [LOSS]: [4, 2, null, 1], "time/epoch_s": [5, 5, 5, 5] },
  marks: [{ series: LOSS, epoch: 3, value: "NaN" }],
});
const short = readDocument({ name: "short", epochs: [1, 2], series: { [LOSS]: [8, 6], "time/epoch_s": [9, 9] } });
const documents = [long, short];
const view = DEFAULT_VIEW.compare;
const draw = (change: Partial<typeof view>) => {
  const lines = overlayLines(documents, readComparison(null), LOSS, change.along ?? "epoch");
  return drawOverlay(documents, lines, { title: "val box_loss", metric: LOSS }, { ...view, ...change });
};

describe("drawOverlay", () => {
  it("lays runs with other times over one axis", () => {
    const { data, range } = draw({ along: "time" });
    expect(data[0]).toEqual([5, 9, 10, 15, 18, 20]);
    expect(data[2]).toEqual([undefined, 8, undefined, undefined, 6, undefined]);
    expect(range).toEqual([5, 20]);
  });
  it("keeps the raw line under the smoothed one", () => {
    const { columns, data } = draw({ smooth: 0.5 });
    expect(columns.map(({ kind, line }) => [kind, line.key])).toEqual([
      ["raw", "run0"],
      ["raw", "run1"],
      ["line", "run0"],
      ["line", "run1"],
    ]);
    expect(data[4]?.[1]).toBeCloseTo(20 / 3, 12); // (0.25 * 8 + 0.5 * 6) / 0.75
  });
  it("marks what is no number, and fits the runs that are not hidden", () => {
    expect(draw({}).decoration.marks).toEqual([{ x: 3, value: "NaN", hue: 1 }]);
    const { decoration, range, columns } = draw({ hidden: ["run0"] });
    expect([decoration.marks, range, columns.length]).toEqual([[], [1, 2], 1]);
  });
});

it("has an extent when nothing is drawn", () => expect(extentOf([])).toEqual([0, 1]));

it("writes what is drawn as a table that is no formula", () => {
  expect(buildOverlayCsv(documents, LOSS, ["run1"]).split("\r\n").slice(0, 4)).toEqual([
    "run,epoch,seconds,part of the schedule,val/box_loss",
    `"'=long,run",1,5,0.25,4`,
    `"'=long,run",2,10,0.5,2`,
    `"'=long,run",3,15,0.75,NaN`,
  ]);
});
