/**
 * Keeps one run's document up to date, whatever happens to the connection.
 *
 *     load ──► stream from the document's cursor ──► lines go into the document
 *       ▲            │ lost                    │ a line that does not fit
 *       └── ask ◄────┴── wait (1, 2, 4 … 15 s) └──► load
 *
 * The cursor of the last line taken is where the next stream begins, so nothing is lost or doubled by a reload, a sleep
 * or a restart of the server.
 */
import type { GraphDocument } from "../graphs/document";
import type { JournalLine } from "../graphs/journal";
import { applyJournal } from "../graphs/journal";
import type { RunSummary } from "./api";
import { ApiError, getGraph, getRun, runUrl } from "./api";
import { takeEarly } from "./early";
import { hasEnded } from "./states";

export interface RunLive {
  doc: GraphDocument | null;
  summary: RunSummary | null;
  /** By this browser's clock, when the summary came; its age goes on from there. */
  summaryAt: number;
  connection: "connecting" | "live" | "lost";
  lostAt: number | null;
  /** Why there is nothing to show, or nothing more. */
  error: ApiError | null;
}

/** What the follower needs of the world; tests bring their own. */
export interface World {
  /** Both that a page begins with. */
  getBoth: (id: string) => Promise<[GraphDocument, RunSummary]>;
  getRun: (id: string) => Promise<RunSummary>;
  openStream: (url: string) => EventSource;
  now: () => number;
  later: (act: () => void, ms: number) => () => void;
}

const BROWSER: World = {
  getBoth: (id) => {
    const early = takeEarly(id);
    return Promise.all([early?.graph ?? getGraph(id), early?.run ?? getRun(id)]);
  },
  getRun,
  openStream: (url) => new EventSource(url),
  now: () => Date.now(),
  later: (act, ms) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

const SILENCE_MS = 45_000;
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000];

export class RunFollower {
  private state: RunLive = {
    doc: null,
    summary: null,
    summaryAt: 0,
    connection: "connecting",
    lostAt: null,
    error: null,
  };
  private readonly listeners = new Set<() => void>();
  private stream: EventSource | null = null;
  private cancelWait: (() => void) | null = null;
  private cursor = "0";
  private heardAt = 0;
  private failures = 0;
  /** Raised by every load and stop, so that answers that come late are dropped. */
  private turn = 0;

  constructor(
    private readonly id: string,
    private readonly world: World = BROWSER,
  ) {}

  get = (): RunLive => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  async load(): Promise<void> {
    const turn = ++this.turn;
    this.closeStream();
    try {
      const [doc, summary] = await this.world.getBoth(this.id);
      if (turn !== this.turn) return;
      this.cursor = String(doc.cursor ?? 0);
      this.set({ doc, error: null });
      this.takeSummary(summary);
      if (turn === this.turn) this.open();
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  stop(): void {
    this.turn++;
    this.closeStream();
  }

  /** After a sleep, or when the network is back: a stream that looks open may be dead. */
  wake = (): void => {
    if (this.state.connection === "lost") void this.retry();
    else if (this.stream && this.world.now() - this.heardAt > SILENCE_MS / 3) this.open();
  };

  /** Now rather than later. */
  async retry(): Promise<void> {
    if (!this.state.doc) return this.load();
    const turn = ++this.turn;
    this.closeStream();
    try {
      const summary = await this.world.getRun(this.id);
      if (turn !== this.turn) return;
      this.takeSummary(summary);
      if (turn === this.turn) this.open();
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** What an action of this page answered. */
  takeSummary(summary: RunSummary): void {
    const before = this.state.summary;
    // Whose training it is never changes; only the answer to one run says it, the stream does not.
    const training = summary.training ?? before?.training ?? null;
    this.set({ summary: { ...summary, training }, summaryAt: this.world.now() });
    const endedNow = before !== null && !hasEnded(before.state) && hasEnded(summary.state);
    // The final evaluation comes with the document and not as a line.
    if (endedNow) void this.load();
  }

  private open(): void {
    this.closeStream();
    const stream = this.world.openStream(runUrl(this.id, `/events?cursor=${this.cursor}`));
    this.stream = stream;
    this.heardAt = this.world.now();
    const hear = (act: (event: MessageEvent<string>) => void) => (event: Event) => {
      if (this.stream !== stream) return;
      this.heard();
      try {
        act(event as MessageEvent<string>);
      } catch {
        void this.load(); // Not understood: the document is the truth.
      }
    };
    stream.addEventListener(
      "open",
      hear(() => undefined),
    );
    stream.addEventListener(
      "journal",
      hear((event) => this.takeLine(event)),
    );
    stream.addEventListener(
      "progress",
      hear((event) => this.takeSummary(JSON.parse(event.data) as RunSummary)),
    );
    stream.addEventListener(
      "reading",
      hear((event) => this.takeReading(event.data)),
    );
    stream.addEventListener("error", () => {
      if (this.stream === stream) this.lose();
    });
    this.watch();
  }

  private heard(): void {
    this.heardAt = this.world.now();
    this.failures = 0;
    if (this.state.connection !== "live") this.set({ connection: "live", lostAt: null, error: null });
  }

  private takeLine(event: MessageEvent<string>): void {
    const { doc } = this.state;
    const next = doc && applyJournal(doc, JSON.parse(event.data) as JournalLine);
    if (!next) return void this.load();
    this.cursor = event.lastEventId;
    if (next !== doc) this.set({ doc: next });
  }

  private takeReading(data: string): void {
    const { verdict, findings, best } = JSON.parse(data) as Pick<GraphDocument, "findings" | "best"> & {
      verdict: string | null;
    };
    const { doc } = this.state;
    if (!doc) return;
    const next = { verdict: verdict ?? doc.verdict, findings, best };
    const known = { verdict: doc.verdict, findings: doc.findings, best: doc.best };
    // A stream begins with what the document says already: nothing is to be drawn again for that.
    if (JSON.stringify(next) !== JSON.stringify(known)) this.set({ doc: { ...doc, ...next } });
  }

  /** A half-open connection says nothing and no error either. */
  private watch(): void {
    this.cancelWait?.();
    this.cancelWait = this.world.later(() => {
      if (this.world.now() - this.heardAt >= SILENCE_MS) this.open();
      else this.watch();
    }, SILENCE_MS / 3);
  }

  private fail(error: unknown): void {
    const known = error instanceof ApiError ? error : new ApiError(String(error), -1);
    if (known.status === 404 || (known.status === -1 && !this.state.doc)) {
      this.set({ error: known, connection: "lost" });
    } else {
      this.set({ error: known });
      this.lose();
    }
  }

  private lose(): void {
    this.closeStream();
    if (this.state.connection !== "lost") this.set({ connection: "lost", lostAt: this.world.now() });
    const wait = WAITS_MS[Math.min(this.failures++, WAITS_MS.length - 1)] ?? 15_000;
    this.cancelWait = this.world.later(() => void this.retry(), wait);
  }

  private closeStream(): void {
    this.cancelWait?.();
    this.cancelWait = null;
    this.stream?.close();
    this.stream = null;
  }

  private set(change: Partial<RunLive>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
