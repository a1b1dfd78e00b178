import { describe, expect, it } from "vitest";
import { readDocument } from "./document";
import { applyJournal } from "./journal";

const doc = readDocument({
  epochs: [1, 2],
  series: { "train/box_loss": [3, 2], "class/__proto__/AP_0.5": [0.1, 0.2] },
});

describe("applyJournal", () => {
  it("appends an epoch and leaves the old document alone", () => {
    const next = applyJournal(doc, { kind: "epoch", epoch: 3, series: { "train/box_loss": 1 } });
    expect(next?.epochs).toEqual([1, 2, 3]);
    expect(next?.series["train/box_loss"]).toEqual([3, 2, 1]);
    expect(next?.series["class/__proto__/AP_0.5"]).toEqual([0.1, 0.2, null]);
    expect(doc.epochs).toEqual([1, 2]);
  });
  it("takes no line twice", () => {
    expect(applyJournal(doc, { kind: "epoch", epoch: 2, series: { "train/box_loss": 2 } })).toBe(doc);
  });
  it("makes a mark of a value that is no number", () => {
    const next = applyJournal(doc, { kind: "epoch", epoch: 3, series: { "train/box_loss": "NaN" } });
    expect(next?.series["train/box_loss"]?.at(-1)).toBeNull();
    expect(next?.marks).toEqual([{ series: "train/box_loss", epoch: 3, value: "NaN" }]);
  });
  it.each([
    ["a gap", { kind: "epoch" as const, epoch: 4, series: {} }],
    ["an epoch trained again", { kind: "epoch" as const, epoch: 2, series: { "train/box_loss": 1.9 } }],
    ["an unknown series", { kind: "epoch" as const, epoch: 3, series: { "val/new_loss": 1 } }],
    ["a new attempt", { kind: "start" as const }],
    ["a torn line", { kind: "epoch" as const }],
  ])("asks for the document anew at %s", (_name, line) => expect(applyJournal(doc, line)).toBeNull());
  it("asks anew for the first epoch, which brings the definitions", () => {
    const empty = readDocument({ epochs: [], series: {} });
    expect(applyJournal(empty, { kind: "epoch", epoch: 1, series: { lr: 1 } })).toBeNull();
  });
  it("takes an event once", () => {
    const line = { kind: "event" as const, epoch: 2, event: "mosaic_off", label: "off" };
    const once = applyJournal(doc, line);
    expect(once?.events).toHaveLength(1);
    expect(once && applyJournal(once, line)).toBe(once);
  });
});
