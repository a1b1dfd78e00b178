import { afterEach, describe, expect, it, vi } from "vitest";
import { askEarly, takeEarly } from "./early";

const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

afterEach(() => vi.unstubAllGlobals());

describe("what is asked early", () => {
  it("is taken once, and only for the run that it is of", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response('{"id": "a", "state": "finished"}')));
    askEarly("a");
    const found = takeEarly("a");
    await expect(found?.run).resolves.toMatchObject({ id: "a" });
    await found?.graph.catch(() => undefined);
    expect(takeEarly("a")).toBeNull();
    askEarly("a");
    expect(takeEarly("b")).toBeNull();
  });

  it("is forgotten when it was refused", async () => {
    vi.stubGlobal("dispatchEvent", () => true);
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 401 })));
    askEarly("a");
    await settle();
    await settle();
    expect(takeEarly("a")).toBeNull();
  });
});
