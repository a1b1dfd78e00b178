import { describe, expect, it } from "vitest";
import { buildDecoration, eventName, placeLabels } from "./decoration";
import { readDocument } from "./document";
import { buildFrame } from "./frame";
import { buildPanels } from "./panels";

const doc = readDocument({
  epochs: [1, 2, 3],
  series: { "train/box_loss": [3, null, 1] },
  marks: [{ series: "train/box_loss", epoch: 2, value: "NaN" }],
  superseded: [{ attempt: 1, epochs: [3, 4], series: { "train/box_loss": [1.5, 1.2] } }],
  events: [{ epoch: 3, event: "resume", label: "…" }],
  best: { epoch: 3, metric: "metrics/mAP_0.5:0.95", value: 0.4 },
});
const [losses] = buildPanels(doc, [], "0.5");
const frame = buildFrame(doc, "epoch", false);

describe("buildDecoration", () => {
  it("marks events, the best epoch, NaN and what a resume replaced", () => {
    if (!losses) throw new Error("no losses");
    expect(buildDecoration(doc, frame, losses, [])).toEqual({
      events: [{ x: 3, name: "resumed" }],
      best: 3,
      marks: [{ x: 2, value: "NaN", hue: 1 }],
      superseded: [{ key: "train/box_loss", x: [3, 4], y: [1.5, 1.2] }],
    });
  });
  it("leaves out what belongs to hidden lines", () => {
    if (!losses) throw new Error("no losses");
    const hidden = buildDecoration(doc, frame, losses, ["train/box_loss"]);
    expect([hidden.marks, hidden.superseded]).toEqual([[], []]);
  });
});

it("names events it does not know by their own word", () => {
  expect(eventName("mosaic_off")).toBe("mosaic off");
  expect(eventName("toString")).toBe("toString");
});

describe("placeLabels", () => {
  it("puts neighbours into rows, and gives up where there is no room", () => {
    const labels = [0, 10, 20, 200].map((left) => ({ left, width: 50 }));
    expect(placeLabels(labels, 2, 240)).toEqual([0, 1, -1, -1]);
  });
});
