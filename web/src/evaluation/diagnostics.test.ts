import { expect, it } from "vitest";
import { byImage, cellBoxes, cellTitle, errorBars, partAround, suspicionText, triggerText } from "./diagnostics";

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

it("says what a cell of the matrix counts", () => {
  const classes = ["cat", "dog", "background"];
  const cells: [number, number][] = [
    [0, 0],
    [0, 1],
    [0, 2],
    [2, 1],
  ];
  expect(cells.map((cell) => cellTitle(classes, cell))).toEqual([
    "cat, found",
    "cat taken for dog",
    "cat, missed",
    "dog, seen where no annotation is, or seen twice",
  ]);
});

it("draws the boxes of the cell last and strongly", () => {
  const box_xyxy: [number, number, number, number] = [0, 0, 1, 1];
  const drawn = cellBoxes({
    file_name: "a",
    image_wh: [9, 9],
    ground_truth: [{ box_xyxy, class_name: "cat", in_cell: true }],
    predictions: [{ box_xyxy, class_name: "dog", confidence: 0.5, in_cell: false }],
  });
  expect(drawn.map(({ isDashed, isFaint, title }) => [isDashed, isFaint, title])).toEqual([
    [true, true, "dog, model, 0.500"],
    [false, false, "cat, annotation"],
  ]);
});

it("shows the part of an image around its boxes, never beyond its rim", () => {
  expect(partAround([[100, 100, 140, 120], null], [640, 480])).toEqual([67, 57, 174, 164]);
  expect(partAround([[0, 0, 40, 40]], [480, 480])).toEqual([0, 0, 80, 80]);
  expect(partAround([[600, 440, 640, 480]], [640, 480])).toEqual([533, 373, 640, 480]);
  expect(partAround([[0, 0, 400, 400]], [640, 480])).toBeUndefined();
  expect(partAround([null], [640, 480])).toBeUndefined();
});
