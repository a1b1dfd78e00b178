import { expect, it } from "vitest";
import { readDocument } from "./document";
import { buildReadout, speakReadout } from "./readout";

const doc = readDocument({
  epochs: [0, 1],
  first_epoch: 0,
  series: {
    "train/box_loss": [2, null],
    "metrics/precision": [0.5, 0.6],
    "metrics/confidence": [0.3, 0.4],
    "metrics/mAP_0.5": [0.1, 0.2],
    "metrics/mAP_0.5/low": [0.05, 0.15],
    "metrics/mAP_0.5/high": [0.2, 0.3],
    "class/cat/AP_0.5": [0.1, 0.2],
    "class/dog/AP_0.5": [0.1, 0.2],
    "time/epoch_s": [61, 61],
  },
  marks: [{ series: "train/box_loss", epoch: 1, value: "NaN" }],
});

it("shows every value of the epoch, with what it depends on", () => {
  const groups = buildReadout(doc, 1, ["class/cat/AP_0.5"]);
  const rows = groups.flatMap((group) => group.rows.map((row) => [row.title, row.text, row.note]));
  expect(rows).toEqual([
    ["train box_loss", "NaN", null],
    ["precision", "0.6000", "at confidence 0.400"],
    ["confidence", "0.4000", null],
    ["mAP_0.5", "0.2000", "0.150 to 0.300"],
    ["cat", "0.2000", null],
    ["time epoch_s", "1 min 1 s", null],
  ]);
});

it("speaks of epochs from 1", () => {
  expect(speakReadout(doc, 1, buildReadout(doc, 1, []))).toMatch(/^Epoch 2: train box_loss NaN, precision 0.6000/);
});
