import { expect, it } from "vitest";
import { chooseClasses } from "./classChoice";
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
