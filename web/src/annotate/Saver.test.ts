import { beforeEach, expect, test, vi } from "vitest";
import type { Labels } from "./editing";
import type { SaveState } from "./Saver";
import { Saver } from "./Saver";

const labels = (count: number): Labels => ({
  boxes: Array.from({ length: count }, () => ({
    class_name: "cow",
    box_xyxy: [0, 0, 9, 9] as const,
    confidence: null,
    is_draft: false,
    is_crowd: false,
  })),
  isEmpty: false,
});

class Server {
  sent: [number, string | null][] = [];
  revision = "r0";
  fails: Error | null = null;
  told: string[] = [];
  kept: number | null = null;
  saver = new Saver(
    async (what, expects) => {
      this.sent.push([what.boxes.length, expects]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (this.fails) throw this.fails;
      if (expects !== null && expects !== this.revision) throw Object.assign(new Error("theirs"), { status: 409 });
      this.revision = `r${this.sent.length}`;
      return this.revision;
    },
    "r0",
    (state: SaveState) => this.told.push(state.kind),
    (kept) => (this.kept = kept?.boxes.length ?? null),
  );
}

beforeEach(() => {
  vi.useFakeTimers();
});

test("changes are saved together, a moment after the last", async () => {
  const server = new Server();
  server.saver.change(labels(1));
  await vi.advanceTimersByTimeAsync(300);
  server.saver.change(labels(2));
  expect(server.saver.unsaved?.boxes).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(700);
  expect(server.sent).toEqual([[2, "r0"]]);
  expect(server.told).toEqual(["waiting", "waiting", "saving", "saved"]);
  expect(server.saver.unsaved).toBeNull();
});

test("a change while one is sent follows it, against the new revision", async () => {
  const server = new Server();
  server.saver.change(labels(1));
  const first = server.saver.flush();
  server.saver.change(labels(2));
  await vi.advanceTimersByTimeAsync(1000);
  expect(await first).toBe(true);
  expect(server.sent).toEqual([
    [1, "r0"],
    [2, "r1"],
  ]);
});

test("what somebody else has saved is overwritten only when that is said", async () => {
  const server = new Server();
  server.revision = "theirs";
  server.saver.change(labels(1));
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.told.at(-1)).toBe("conflict");
  server.saver.change(labels(2));
  await vi.advanceTimersByTimeAsync(1000);
  expect([server.sent.length, server.kept]).toEqual([1, 2]);
  void server.saver.again(true);
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.sent.at(-1)).toEqual([2, null]);
  expect(server.told.at(-1)).toBe("saved");
});

test("what failed is kept and sent again", async () => {
  const server = new Server();
  server.fails = new Error("no answer");
  server.saver.change(labels(1));
  const flushed = server.saver.flush();
  await vi.advanceTimersByTimeAsync(1000);
  expect(await flushed).toBe(false);
  expect([server.told.at(-1), server.saver.unsaved?.boxes.length, server.kept]).toEqual(["failed", 1, 1]);
  server.fails = null;
  void server.saver.again();
  await vi.advanceTimersByTimeAsync(1000);
  expect([server.told.at(-1), server.kept]).toEqual(["saved", null]);
});

test("what is unsaved when the page goes is kept, until the server has it", async () => {
  const server = new Server();
  server.saver.change(labels(3));
  void server.saver.again();
  server.saver.keepUnsaved();
  expect(server.kept).toBe(3);
  await vi.advanceTimersByTimeAsync(1000);
  expect([server.kept, server.saver.unsaved]).toEqual([null, null]);
});

test("what was given up is neither sent nor kept", async () => {
  const server = new Server();
  server.revision = "theirs";
  server.saver.change(labels(1));
  await vi.advanceTimersByTimeAsync(1000);
  server.saver.drop();
  void server.saver.again();
  await vi.advanceTimersByTimeAsync(1000);
  expect([server.sent.length, server.kept]).toEqual([1, null]);
});
