import { expect, test } from "vitest";
import type { PublicModel } from "./api";
import { bestOf } from "./best";

const model = (slug: string, version: number | null, value?: number): PublicModel =>
  ({ slug, version, metrics: value === undefined ? {} : { "mAP_0.5:0.95": value } }) as PublicModel;

test("the best model of a version has the highest mAP; one without a number is better than none", () => {
  const all = [model("new", 1, 0.5), model("old", 1, 0.6), model("other", 2, 0.9), model("loose", null, 1)];
  expect(bestOf(all, 1)?.slug).toBe("old");
  expect(bestOf(all, 3)).toBeNull();
  expect(bestOf([model("unknown", 3)], 3)?.slug).toBe("unknown");
});
