import { describe, expect, it } from "vitest";
import type { HealthFinding } from "./document";
import { describeBin, groupObjects, leakedImages, sortFindings, titleOf } from "./document";

const finding = (id: string, action: HealthFinding["action"], count: number): HealthFinding => ({
  id,
  action,
  count,
  examples: [],
  meaning: "",
  trigger: "",
  remedy: "",
  where: [],
});

describe("sortFindings", () => {
  it("puts leaks first and mended things last", () => {
    const sorted = sortFindings([
      finding("zero_area_box", "mended", 90),
      finding("phantom_class", "note", 1),
      finding("unreadable_image", "skipped", 2),
      finding("leak_between_splits", "note", 1),
    ]);
    expect(sorted.map((one) => one.id)).toEqual([
      "leak_between_splits",
      "unreadable_image",
      "phantom_class",
      "zero_area_box",
    ]);
  });
});

describe("groupObjects", () => {
  it("gives each number its own bar while there are few", () => {
    expect(
      groupObjects([
        [0, 2],
        [2, 5],
      ]),
    ).toEqual([
      { label: "0", count: 2 },
      { label: "1", count: 0 },
      { label: "2", count: 5 },
    ]);
  });

  it("shares bars out when there are many, and loses none", () => {
    const bars = groupObjects(
      [
        [0, 1],
        [31, 2],
        [63, 4],
      ],
      16,
    );
    expect(bars).toHaveLength(16);
    expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(7);
    expect(bars.at(-1)).toEqual({ label: "60–63", count: 4 });
  });
});

describe("words", () => {
  it("says bins and ids as people do", () => {
    expect([describeBin([null, 0.5, 1]), describeBin([0.5, 1, 1]), describeBin([3, null, 1])]).toEqual([
      "under 0.5",
      "0.5–1",
      "over 3",
    ]);
    expect(titleOf("zero_area_box")).toBe("Zero area box");
  });
});

describe("leakedImages", () => {
  const group = (is_leak: boolean, ...splits: (string | null)[]) => ({
    is_identical: false,
    is_leak,
    images: splits.map((split, i) => ({ image: `${split}-${i}`, split })),
  });

  it("takes images out of every split before the last one, so that test stays whole", () => {
    expect(leakedImages([group(true, "train", "test", "train", "val")])).toEqual(["train-0", "train-2", "val-3"]);
    expect(leakedImages([group(true, "val", "train", null)])).toEqual(["train-1"]);
  });

  it("leaves copies within one split alone", () => {
    expect(leakedImages([group(false, "train", "train"), group(false, null, null)])).toEqual([]);
  });
});
