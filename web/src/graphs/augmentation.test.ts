import { expect, it } from "vitest";
import { mosaicEnd, offlineSteps, onlineSteps, outputsPerImage } from "./augmentation";

it("tells what the trainer varies, and leaves out what is off", () => {
  expect(onlineSteps({ mosaic: 0.5, flip: 0, hue: 0.015, batch: 8 })).toEqual([
    { name: "mosaic", text: "four images in one, in 50 % of the draws" },
    { name: "hue", text: "by up to 1.5 %" },
  ]);
  expect(onlineSteps({ mosaic: 0, fliplr: 0 })).toEqual([]);
});

it("does not know what a recipe does not name", () => expect(onlineSteps({ epochs: 3 })).toBeNull());

it("says when mosaic ends, ours and others'", () => {
  expect(mosaicEnd({ mosaic: 0.5, mosaic_off: 0.7 })).toBe("until 70 % of the epochs are done");
  expect(mosaicEnd({ mosaic: 1, close_mosaic: 10 })).toBe("until the last 10 epochs");
  expect(mosaicEnd({ mosaic: 0, close_mosaic: 10 })).toBeNull();
});

it("tells what the version varied", () => {
  const found = {
    flip: { horizontal: true, vertical: false },
    bbBlur: { pixels: 1 },
    image: { versions: 3 },
    mosaic: true,
  };
  expect(offlineSteps(found)).toEqual([
    { name: "flip", text: "horizontal" },
    { name: "blur inside boxes", text: "pixels 1" },
    { name: "mosaic", text: "on" },
  ]);
  expect([outputsPerImage(found), outputsPerImage({})]).toEqual([3, 1]);
});
