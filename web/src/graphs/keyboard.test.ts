import { describe, expect, it, vi } from "vitest";
import { actOn, keyAction, KEYS } from "./keyboard";
import { DEFAULT_VIEW } from "./view";

function targets(index: number) {
  return {
    doc: { epochs: [1, 2, 3], best: { epoch: 2, metric: "", value: 0 } },
    index,
    view: DEFAULT_VIEW,
    goTo: vi.fn(),
    leave: vi.fn(),
    move: vi.fn(),
    onView: vi.fn(),
    help: vi.fn(),
  };
}

describe("keys", () => {
  it("in the help all do something", () => {
    for (const key of KEYS.flatMap((row) => row.keys)) expect(keyAction(key, false), key).not.toBeNull();
  });
  it("with Ctrl belong to the browser", () => expect(keyAction("s", true)).toBeNull());
  it("stop at both ends", () => {
    const on = targets(2);
    actOn("forward", on);
    actOn("back10", on);
    expect(on.goTo.mock.calls).toEqual([[2], [0]]);
  });
  it("find the best epoch", () => {
    const on = targets(0);
    actOn("best", on);
    expect(on.goTo).toHaveBeenCalledWith(1);
  });
  it("switch smoothing on and off", () => {
    const on = targets(0);
    actOn("smooth", on);
    expect(on.onView).toHaveBeenCalledWith({ smooth: 0.6 });
  });
});
