import { expect, test } from "vitest";
import { KEEPS, LEAVES_OUT, firstChoices, firstPercent, requestOf, targetOf } from "./choice";

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

test("firstPercent is where the model was best, and half where nobody knows", () => {
  expect(firstPercent(0.1378)).toBe("13");
  expect(firstPercent(0.004)).toBe("1");
  for (const unknown of [undefined, 0, 1, NaN]) expect(firstPercent(unknown)).toBe("50");
});
