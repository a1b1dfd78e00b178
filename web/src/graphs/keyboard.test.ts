import { describe, expect, it, vi } from "vitest";
import { actOn, keyAction, KEYS, toggledSmoothing } from "./keyboard";

function targets(index: number) {
  return {
    count: 3,
    index,
    best: 1,
    goTo: vi.fn(),
    leave: vi.fn(),
    move: vi.fn(),
    showAll: vi.fn(),
    toggleLog: vi.fn(),
    nextAxis: vi.fn(),
    toggleSmooth: vi.fn(),
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
  it("move what is in sight", () => {
    const on = targets(0);
    actOn("right", on);
    expect(on.move).toHaveBeenCalledWith({ shift: 0.25 });
  });
  it("zoom about the cursor, which stays at its epoch", () => {
    const on = { ...targets(0), centre: 7 };
    actOn("in", on);
    expect(on.move).toHaveBeenCalledWith({ scale: 0.5, centre: 7 });
    const away = targets(0);
    actOn("out", away);
    expect(away.move).toHaveBeenCalledWith({ scale: 2 });
  });
  it("switch smoothing on and off", () => expect([0, 0.3].map(toggledSmoothing)).toEqual([0.6, 0]));
});
