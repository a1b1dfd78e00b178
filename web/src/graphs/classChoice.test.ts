import { expect, it } from "vitest";
import { chooseClasses, classesWorstFirst } from "./classChoice";
import { readDocument } from "./document";

const many = readDocument({
  epochs: [1],
  series: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`class/c${i}/AP_0.5`, [i / 12]])),
});

it("shows the weakest and the strongest of many classes", () => {
  expect(chooseClasses(many, null, "0.5")).toEqual(["c0", "c1", "c2", "c3", "c8", "c9", "c10", "c11"]);
});

it("keeps to a choice, and to classes that exist", () => {
  expect(chooseClasses(many, ["c5", "gone"], "0.5")).toEqual(["c5"]);
});

it("orders classes by their last value, the worst first, and leaves out those without one", () => {
  const series = { "class/a/AP_0.5": [0.1, 0.9], "class/b/AP_0.5": [0.3, null], "class/c/AP_0.5": [null, null] };
  const doc = { series } as unknown as Parameters<typeof classesWorstFirst>[0];
  expect(classesWorstFirst(doc, "0.5")).toEqual([
    { name: "b", value: 0.3 },
    { name: "a", value: 0.9 },
  ]);
});
