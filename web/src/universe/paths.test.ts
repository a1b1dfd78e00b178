import { expect, test } from "vitest";
import { publicOfPath, publicPath } from "./paths";

test("a path names a public project and the part of it that is shown", () => {
  expect(publicOfPath("/universe/lab/cells")).toEqual({ owner: "lab", project: "cells", tab: "images" });
  expect(publicOfPath(publicPath("my lab", "a/b", "graph"))).toEqual({ owner: "my lab", project: "a/b", tab: "graph" });
  expect(publicOfPath("/universe/lab/cells/model/")).toEqual({ owner: "lab", project: "cells", tab: "model" });
});

test("other paths name none", () => {
  for (const path of ["/universe", "/universe/lab", "/universe/lab/cells/else", "/w/lab/projects/cells"])
    expect(publicOfPath(path)).toBeNull();
});

test("a path that is not encoded well is taken as it is", () => {
  expect(publicOfPath("/universe/%E0/cells")?.owner).toBe("%E0");
});
