import { expect, test } from "vitest";
import type { Prediction } from "./api";
import { above, hueOf, toBase64 } from "./picture";

const box = (confidence: number): Prediction => ({
  class_name: "a",
  class_id: 0,
  confidence,
  box_xyxy: [0, 0, 1, 1],
});

test("base64 of more than one piece is that of the whole", () => {
  const bytes = Uint8Array.from({ length: 100_001 }, (_, i) => i % 251);
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
});

test("boxes at the confidence count", () => {
  expect(above([box(0.9), box(0.5), box(0.49)], 0.5).map((one) => one.confidence)).toEqual([0.9, 0.5]);
});

test("hues repeat after seven classes", () => {
  expect([0, 6, 7].map(hueOf)).toEqual([1, 7, 1]);
});
