import { expect, it } from "vitest";
import { soloed, toggled } from "./visibility";

it("hides and shows", () => {
  expect(toggled(["a"], "b")).toEqual(["a", "b"]);
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
});

it("shows one line of its panel alone, and all of them when asked again", () => {
  const alone = soloed(["other", "a"], ["a", "b", "c"], "b");
  expect(alone).toEqual(["other", "a", "c"]);
  expect(soloed(alone, ["a", "b", "c"], "b")).toEqual(["other"]);
});
