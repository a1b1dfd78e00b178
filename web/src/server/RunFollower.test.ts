import { beforeEach, describe, expect, it } from "vitest";
import type { GraphDocument } from "../graphs/document";
import { readDocument } from "../graphs/document";
import type { RunSummary } from "./api";
import { ApiError } from "./api";
import type { World } from "./RunFollower";
import { RunFollower } from "./RunFollower";

class FakeStream extends EventTarget {
  isClosed = false;
  constructor(readonly url: string) {
    super();
  }
  close(): void {
    this.isClosed = true;
  }
  say(type: string, data: unknown, lastEventId = ""): void {
    this.dispatchEvent(
      new MessageEvent(type, { data: typeof data === "string" ? data : JSON.stringify(data), lastEventId }),
    );
  }
}

const summary = (state: RunSummary["state"]): RunSummary => ({ state, epoch: 1, epochs: 9 }) as RunSummary;
const epoch = (n: number) => ({ kind: "epoch", epoch: n, series: { lr: n } });
const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

let streams: FakeStream[];
let timers: { act: () => void; ms: number; isOff: boolean }[];
let server: { epochs: number; cursor: number; isDown: boolean; isGone: boolean; asked: number };
let clock: number;
let follower: RunFollower;

const documentNow = (): GraphDocument => {
  const epochs = Array.from({ length: server.epochs }, (_, i) => i + 1);
  return readDocument({ epochs, series: { lr: epochs }, definitions: {}, cursor: server.cursor });
};

function answer<T>(make: () => T): Promise<T> {
  if (server.isDown) return Promise.reject(new ApiError("no answer", 0));
  return server.isGone ? Promise.reject(new ApiError("no such run", 404)) : Promise.resolve(make());
}

const world: World = {
  getBoth: () => {
    server.asked++;
    return answer(() => [documentNow(), summary("training")]);
  },
  getRun: () => answer(() => summary("training")),
  openStream: (url) => {
    streams.push(new FakeStream(url));
    return streams.at(-1) as unknown as EventSource;
  },
  now: () => clock,
  later: (act, ms) => {
    const timer = { act, ms, isOff: false };
    timers.push(timer);
    return () => void (timer.isOff = true);
  },
};

const stream = (): FakeStream => streams.at(-1) as FakeStream;
const runTimer = async (): Promise<number> => {
  const due = timers.filter((timer) => !timer.isOff);
  timers = [];
  due.forEach((timer) => timer.act());
  await settle();
  return due.at(-1)?.ms ?? -1;
};

beforeEach(async () => {
  streams = [];
  timers = [];
  clock = 0;
  server = { epochs: 2, cursor: 200, isDown: false, isGone: false, asked: 0 };
  follower = new RunFollower("r 1", world);
  await follower.load();
  stream().say("open", "");
});

describe("RunFollower", () => {
  it("follows from where the document ends, and appends without asking again", () => {
    expect(stream().url).toBe("api/runs/r%201/events?cursor=200");
    stream().say("journal", epoch(3), "300");
    expect(follower.get().doc?.epochs).toEqual([1, 2, 3]);
    expect(follower.get().connection).toBe("live");
    expect(server.asked).toBe(1);
  });

  it("goes on at the last line it took when the server was away, and waits longer each time", async () => {
    stream().say("journal", epoch(3), "300");
    server.isDown = true;
    stream().dispatchEvent(new Event("error"));
    expect(follower.get().connection).toBe("lost");
    expect([await runTimer(), await runTimer(), await runTimer()]).toEqual([1000, 2000, 4000]);
    server.isDown = false;
    await runTimer();
    expect(stream().url).toBe("api/runs/r%201/events?cursor=300");
    stream().say("journal", epoch(4), "400");
    expect(follower.get().doc?.epochs).toEqual([1, 2, 3, 4]);
    expect(follower.get()).toMatchObject({ connection: "live", lostAt: null, error: null });
  });

  it("asks for the document again at a gap", async () => {
    server.epochs = 5;
    server.cursor = 500;
    stream().say("journal", epoch(5), "500");
    await settle();
    expect(follower.get().doc?.epochs).toEqual([1, 2, 3, 4, 5]);
    expect(stream().url).toContain("cursor=500");
  });

  it("asks again when a line is not understood", async () => {
    stream().say("journal", "{torn", "300");
    await settle();
    expect(server.asked).toBe(2);
  });

  it("hears no stream but the newest", async () => {
    const old = stream();
    await follower.load();
    expect(old.isClosed).toBe(true);
    old.say("journal", epoch(3), "300");
    expect(follower.get().doc?.epochs).toEqual([1, 2]);
  });

  it("opens a stream anew that was silent through a sleep", () => {
    clock = 60_000;
    follower.wake();
    expect(streams).toHaveLength(2);
    follower.wake();
    expect(streams).toHaveLength(2);
  });

  it("opens a stream anew that says nothing for long", async () => {
    clock = 60_000;
    await runTimer();
    expect(streams).toHaveLength(2);
  });

  it("fetches the evaluation when the run ends", async () => {
    stream().say("progress", summary("finished"));
    await settle();
    expect(server.asked).toBe(2);
  });

  it("takes a new reading", () => {
    stream().say("reading", { verdict: "improving_still", findings: [], best: null });
    expect(follower.get().doc?.verdict).toBe("improving_still");
  });

  it("leaves the document as it is when a reading says nothing new", () => {
    const before = follower.get().doc;
    stream().say("reading", { verdict: before?.verdict, findings: [], best: null });
    expect(follower.get().doc).toBe(before);
  });

  it("remembers whose training it is, which the stream does not say", () => {
    const training = { workspace: "w", project: "cells", version: 1 };
    follower.takeSummary({ ...summary("training"), training });
    stream().say("progress", summary("validating"));
    expect(follower.get().summary).toMatchObject({ state: "validating", training });
  });

  it("gives up on a run that is gone", async () => {
    server.isGone = true;
    stream().dispatchEvent(new Event("error"));
    await runTimer();
    expect(follower.get().error?.status).toBe(404);
    expect(timers.filter((timer) => !timer.isOff)).toHaveLength(0);
  });

  it("says nothing more after stop", () => {
    follower.stop();
    expect(stream().isClosed).toBe(true);
  });
});
