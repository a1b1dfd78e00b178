import { expect, it } from "vitest";
import { placeOf, runOfPath, runsOfPath, runsOfWorkspacePath } from "./paths";

it.each([
  ["/runs/bccd-1", "bccd-1"],
  ["/runs/a%20b%2Fc/", "a b/c"],
  ["/runs/100%", "100%"],
  ["/runs/", null],
  ["/new", null],
])("%s is run %s", (path, run) => expect(runOfPath(path)).toBe(run));

it.each([
  ["/compare/a/b%2Fc/", ["a", "b/c"]],
  ["/compare/a", null],
  ["/runs/a", null],
])("%s compares %s", (path, runs) => expect(runsOfPath(path)).toEqual(runs));

it.each([
  ["/w/my%20lab/runs", "my lab"],
  ["/w/lab/runs/", "lab"],
  ["/w/lab/projects", null],
  ["/runs/a", null],
])("%s lists the runs of %s", (path, workspace) => expect(runsOfWorkspacePath(path)).toBe(workspace));

it.each([
  ["/", "runs"],
  ["/new", "runs"],
  ["/runs/a", "runs"],
  ["/compare/a/b", "runs"],
  ["/w/lab/runs", "runs"],
  ["/w/lab/projects", "projects"],
  ["/w/lab/projects/cells/versions/1/train", "projects"],
  ["/w/lab/trash", "projects"],
  ["/universe/lab/cells", "universe"],
  ["/workspaces/lab", "workspace"],
  ["/account", "account"],
  ["/api", "api"],
  ["/nowhere", null],
])("%s lies under %s", (path, place) => expect(placeOf(path)).toBe(place));
