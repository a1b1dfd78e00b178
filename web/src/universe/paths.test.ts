import { expect, test } from "vitest";
import { publicOfPath, publicPath } from "./paths";

test("a path names a public project and the part of it that is shown", () => {
  expect(publicOfPath("/universe/lab/cells")).toEqual({ owner: "lab", project: "cells", tab: "images", model: null });
  expect(publicOfPath(publicPath("my lab", "a/b", "graph"))).toEqual({
    owner: "my lab",
    project: "a/b",
    tab: "graph",
    model: null,
  });
  expect(publicOfPath("/universe/lab/cells/model/")).toEqual({
    owner: "lab",
    project: "cells",
    tab: "model",
    model: null,
  });
  const graph = publicPath("lab", "cells", "graph", "a b");
  expect(publicOfPath(graph)).toEqual({ owner: "lab", project: "cells", tab: "graph", model: "a b" });
  expect(publicOfPath("/universe/lab/cells/versions")?.tab).toBe("versions");
});

test("other paths name none", () => {
  for (const path of [
    "/universe",
    "/universe/lab",
    "/universe/lab/cells/else",
    "/universe/lab/cells/model/x",
    "/w/lab/projects/cells",
  ])
    expect(publicOfPath(path)).toBeNull();
});

test("a path that is not encoded well is taken as it is", () => {
  expect(publicOfPath("/universe/%E0/cells")?.owner).toBe("%E0");
});
