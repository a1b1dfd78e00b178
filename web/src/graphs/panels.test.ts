import { describe, expect, it } from "vitest";
import { readDocument } from "./document";
import { buildPanels, classNames, parseClassKey } from "./panels";

const doc = readDocument({
  epochs: [1, 2],
  series: {
    "train/box_loss": [2, 1],
    "val/box_loss": [2, 1],
    "train/cls_loss": [3, 2],
    "val/empty_loss": [null, null],
    "metrics/recall": [0.1, 0.2],
    "metrics/mAP_0.5:0.95": [0.1, 0.2],
    "metrics/mAP_0.5:0.95/low": [0.05, 0.1],
    "metrics/mAP_0.5:0.95/high": [0.15, 0.3],
    lr: [0.1, 0.05],
    "class/a/b/AP_0.5:0.95": [0.1, 0.2],
    "class/a/b/AP_0.5": [0.3, 0.4],
  },
});

describe("buildPanels", () => {
  const [losses, metrics, classes, lr] = buildPanels(doc, ["a/b", "gone"], "0.5:0.95");
  it("never puts losses and metrics on one axis", () => {
    expect(losses?.lines.map((line) => line.key)).toEqual(["train/box_loss", "val/box_loss", "train/cls_loss"]);
    expect(metrics?.lines.map((line) => line.key)).toEqual(["metrics/mAP_0.5:0.95", "metrics/recall"]);
  });
  it("gives train and val of one loss the same hue and different dashes", () => {
    const [train, val] = losses?.lines ?? [];
    expect(train?.hue).toBe(val?.hue);
    expect([train?.dash, val?.dash]).toEqual(["dashed", "solid"]);
  });
  it("draws the interval as a band and not as lines", () => {
    expect(metrics?.lines[0]?.band).toEqual({ low: "metrics/mAP_0.5:0.95/low", high: "metrics/mAP_0.5:0.95/high" });
    expect(metrics?.lines[1]?.band).toBeUndefined();
  });
  it("draws the classes asked for that exist", () => {
    expect(classes?.lines.map((line) => line.title)).toEqual(["a/b"]);
  });
  it("gives the learning rate its own panel", () => {
    expect(lr?.lines.map((line) => line.key)).toEqual(["lr"]);
  });
});

describe("class keys", () => {
  it("may hold slashes", () => {
    expect(parseClassKey("class/a/b/AP_0.5")).toEqual({ name: "a/b", iou: "0.5" });
    expect(parseClassKey("metrics/recall")).toBeNull();
    expect(classNames(doc, "0.5:0.95")).toEqual(["a/b"]);
  });
});
