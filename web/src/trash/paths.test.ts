import { expect, test } from "vitest";
import { trashOfPath, trashPath } from "./paths";

test("the trash of a workspace is found by its address, and no other page", () => {
  expect(trashOfPath(trashPath("my lab"))).toBe("my lab");
  expect(trashOfPath("/w/%E0%A4%A/trash")).toBe("%E0%A4%A");
  expect(trashOfPath("/w/lab/projects")).toBeNull();
});
