import { expect, test } from "vitest";
import { untilText } from "./words";

const NOW = 1_790_000_000;

test("the day of the final removal is said, and how far it is", () => {
  expect(untilText(NOW + 86_400 * 29.5, NOW)).toMatch(/^gone for good on .*2026, in 30 days$/);
  expect(untilText(NOW + 10, NOW)).toMatch(/in 1 day$/);
  expect(untilText(NOW - 10, NOW)).toBe("goes for good at the next look");
  expect(untilText(null, NOW)).toBe("kept for now");
});
