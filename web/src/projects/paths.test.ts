import { describe, expect, it } from "vitest";
import { projectOfPath, projectPath } from "./paths";

describe("projectOfPath", () => {
  it("takes apart what projectPath puts together", () => {
    expect(projectOfPath(projectPath("lab", "cells", "versions", 3))).toEqual({
      workspace: "lab",
      project: "cells",
      rest: ["versions", "3"],
    });
    expect(projectOfPath("/w/a%20b/projects/c")).toEqual({ workspace: "a b", project: "c", rest: [] });
  });

  it("leaves other paths alone and survives a broken one", () => {
    expect(projectOfPath("/runs/a")).toBeNull();
    expect(projectOfPath("/w/lab/projects")).toBeNull();
    expect(projectOfPath("/w/%E0%A4%A/projects/c")?.workspace).toBe("%E0%A4%A");
  });
});
