import { expect, it } from "vitest";
import { logTicks, niceTicks } from "./ticks";

it("steps by round numbers", () => {
  expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(niceTicks(3, 47, 5)).toEqual([10, 20, 30, 40]);
  expect(niceTicks(1, 3, 10, 1)).toEqual([1, 2, 3]);
  expect(niceTicks(2, 2, 5)).toEqual([2]);
});

it("steps by 1, 2, 5 on a logarithmic axis", () => expect(logTicks(0.4, 3)).toEqual([0.5, 1, 2]));
