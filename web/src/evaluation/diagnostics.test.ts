import { expect, it } from "vitest";
import { byImage, errorBars, suspicionText, triggerText } from "./diagnostics";

it("puts the error that costs most first, and keeps kinds that it does not know", () => {
  const bars = errorBars({
    "mAP_0.5": 0.9,
    types: {
      missed: { gain: 0.01, count: 4, count_at_confidence: 9 },
      background: { gain: 0.06, count: 20 },
      constructor: { gain: null, count: 1 },
    },
  });
  expect(bars.map(({ title, gain, count }) => [title, gain, count])).toEqual([
    ["False alarm", 0.06, 20],
    ["Missed", 0.01, 9],
    ["constructor", 0, 1],
  ]);
});

it.each([
  ["overlooked", "cat may be without a box"],
  ["swapped", "dog may be cat"],
  ["badly_placed", "The box around dog may be badly placed"],
] as const)("says what a label is suspected of: %s", (kind, text) => {
  const one = { score: 0, file_name: "a", box_xyxy: null, suggested_xyxy: null };
  expect(suspicionText({ ...one, kind, class_name: "dog", suggested_class_name: "cat" })).toBe(text);
});

it("names the numbers of a trigger", () => {
  const evidence = { the_other_way: 1, share: 0.25, annotations: 1805 };
  expect(triggerText({ id: "x", evidence, message: "", remedy: "" })).toBe(
    "the other way 1, share 0.250, annotations 1,805",
  );
});

it("puts boxes of one image together", () => {
  const box = (file_name: string) => ({ file_name, truth_xyxy: null, prediction_xyxy: null, confidence: null });
  expect([...byImage([box("b"), box("a"), box("b")])].map(([name, boxes]) => [name, boxes.length])).toEqual([
    ["b", 2],
    ["a", 1],
  ]);
});
