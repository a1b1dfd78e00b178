import { describe, expect, it } from "vitest";
import type { RunSummary } from "./api";
import { adviseOn, canResume, canStop, describeState, finishedEpochs } from "./states";

const run = (change: Partial<RunSummary>): RunSummary => ({
  id: "a",
  name: "a",
  state: "training",
  epoch: 3,
  epochs: 10,
  best: null,
  verdict: null,
  updated_at: 0,
  age_s: 0,
  images_per_s: null,
  eta_s: null,
  message: "",
  dataset: null,
  model: null,
  ...change,
});

describe("what can be done", () => {
  it("a living run can be stopped and not resumed", () => {
    expect([canStop("training"), canResume("training")]).toEqual([true, false]);
    expect(canStop("stalled")).toBe(true);
  });
  it("a dead, failed or stopped run can be resumed and not stopped", () => {
    for (const state of ["dead", "failed", "stopped"] as const) {
      expect([canStop(state), canResume(state)], state).toEqual([false, true]);
    }
  });
  it("a finished run has nothing left to do", () => expect(canResume("finished")).toBe(false));
});

describe("adviseOn", () => {
  it("says how long a stalled run is silent", () => {
    expect(adviseOn(run({ state: "stalled" }), 185, 3)?.title).toBe("Silent for 3 min 5 s");
  });
  it("says what is kept of a dead run", () => {
    expect(adviseOn(run({ state: "dead" }), 0, 3)?.text).toContain("up to epoch 3 is kept");
    expect(adviseOn(run({ state: "dead" }), 0, 0)?.text).toContain("No epoch was finished");
  });
  it("passes on why it failed", () => {
    expect(adviseOn(run({ state: "failed", message: "disk full" }), 0, 3)?.text).toMatch(/^disk full\. /);
  });
  it("is silent when all is well", () => expect(adviseOn(run({}), 0, 3)).toBeNull());
});

it("has a word for a state it does not know", () => expect(describeState("queued" as never).word).toBe("queued"));

it("counts the running epoch as not done", () => {
  expect(finishedEpochs(run({ epoch: 1 }))).toBe(0);
  expect(finishedEpochs(run({ epoch: 9, state: "finished" }))).toBe(9);
  expect(finishedEpochs(run({ epoch: null }))).toBe(0);
});
