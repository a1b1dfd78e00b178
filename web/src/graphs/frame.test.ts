import { describe, expect, it } from "vitest";
import { readDocument } from "./document";
import { buildFrame, elapsedSeconds, moveZoom, xOfEpoch } from "./frame";

const zeroBased = readDocument({
  epochs: [0, 1, 2],
  first_epoch: 0,
  epochs_planned: 6,
  series: { "time/epoch_s": [10, 20, 30] },
});

describe("buildFrame", () => {
  it("counts epochs from 1 whatever the log does", () => {
    expect(buildFrame(zeroBased, "epoch", false)).toEqual({ axis: "epoch", x: [1, 2, 3], extent: [1, 3] });
  });
  it("leaves room for what is to come while the run lives", () => {
    expect(buildFrame(zeroBased, "epoch", true).extent).toEqual([1, 6]);
    expect(buildFrame(zeroBased, "time", true).extent).toEqual([0, 120]);
  });
  it("adds up the seconds of the epochs", () => {
    expect(buildFrame(zeroBased, "time", false)).toEqual({ axis: "time", x: [10, 30, 60], extent: [0, 60] });
  });
  it("falls back to epochs when a time is missing", () => {
    const doc = readDocument({ epochs: [1, 2], series: { "time/epoch_s": [1, null] } });
    expect(elapsedSeconds(doc)).toBeNull();
    expect(buildFrame(doc, "time", false).axis).toBe("epoch");
  });
  it("gives a single epoch a width", () => {
    expect(buildFrame(readDocument({ epochs: [1], series: {} }), "epoch", false).extent).toEqual([0.5, 1.5]);
  });
});

it("finds an epoch of the log on the axis", () => {
  expect(xOfEpoch(zeroBased, buildFrame(zeroBased, "epoch", false), 0)).toBe(1);
  expect(xOfEpoch(zeroBased, buildFrame(zeroBased, "time", false), 1)).toBe(30);
  expect(xOfEpoch(zeroBased, buildFrame(zeroBased, "time", false), 9)).toBeNull();
});

describe("moveZoom", () => {
  it("halves about the middle", () => expect(moveZoom(null, [0, 100], { scale: 0.5 })).toEqual([25, 75]));
  it("stays inside", () => expect(moveZoom([80, 100], [0, 100], { shift: 0.5 })).toEqual([80, 100]));
  it("shows all again when wide enough", () => expect(moveZoom([25, 75], [0, 100], { scale: 2 })).toBeNull());
  it("keeps the centre where the pointer is", () =>
    expect(moveZoom([0, 100], [0, 100], { scale: 0.5, centre: 0 })).toEqual([0, 50]));
});
