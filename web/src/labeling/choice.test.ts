import { expect, test } from "vitest";
import { firstChoices, KEEPS, LEAVES_OUT, requestOf, targetOf } from "./choice";

test("at first every class keeps its name and the threshold of all", () => {
  expect(requestOf(firstChoices(["cat", "dog"]))).toEqual({ thresholds: {}, classes: {} });
});

test("what differs is said: a threshold in percent, another class, left out", () => {
  const choices = {
    cat: { percent: "35", target: KEEPS },
    dog: { percent: "", target: targetOf("animal") },
    car: { percent: "90", target: LEAVES_OUT },
  };
  expect(requestOf(choices)).toEqual({ thresholds: { cat: 0.35 }, classes: { dog: "animal", car: null } });
});

test("a class of the project that is called like a choice is still a class", () => {
  expect(requestOf({ a: { percent: "", target: targetOf(LEAVES_OUT) } }).classes).toEqual({ a: "-" });
});
