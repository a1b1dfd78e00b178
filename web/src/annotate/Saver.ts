/** Keeps the labels of one image saved: a moment after each change, one request at a time, never over somebody else's. */
import type { Labels } from "./editing";

export type SaveState =
  | { kind: "saved" }
  | { kind: "waiting" }
  | { kind: "saving" }
  | { kind: "conflict" }
  | { kind: "failed"; message: string };

/** Saves against a revision (null: over whatever is there) and gives the new one. */
export type Send = (labels: Labels, expects: string | null) => Promise<string>;

const PAUSE_MS = 500;
const CONFLICT = 409;

export class Saver {
  private waiting: Labels | null = null;
  private sending: Labels | null = null;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private isHeld = false;

  constructor(
    private readonly send: Send,
    private revision: string | null,
    private readonly tell: (state: SaveState) => void,
    /** Told what could not be saved, so that it outlives the page; null: nothing any more. */
    private readonly keep: (labels: Labels | null) => void,
  ) {}

  /** Something was changed: save it soon. */
  change(labels: Labels): void {
    this.waiting = labels;
    if (this.isHeld) return this.keep(labels); // Somebody has to say first whose labels count.
    this.tell({ kind: "waiting" });
    this.stopTimer();
    this.timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Save now; whether all is saved then. */
  async flush(): Promise<boolean> {
    this.stopTimer();
    while (this.running || (this.waiting && !this.isHeld)) {
      this.running ??= this.sendWaiting();
      await this.running;
    }
    return this.waiting === null;
  }

  /** Try again after a failure; `overwrites`: whatever somebody else has saved meanwhile. */
  async again(overwrites = false): Promise<boolean> {
    if (overwrites) this.revision = null;
    this.isHeld = false;
    return this.flush();
  }

  /** What was changed counts no more: nothing of it is sent or kept. */
  drop(): void {
    this.stopTimer();
    this.waiting = null;
    this.keep(null);
  }

  /** The page may be gone before the server has answered. */
  keepUnsaved(): void {
    if (this.unsaved) this.keep(this.unsaved);
  }

  /** What the server may not have yet. */
  get unsaved(): Labels | null {
    return this.waiting ?? this.sending;
  }

  private async sendWaiting(): Promise<void> {
    const labels = this.waiting;
    this.waiting = null;
    if (!labels) return;
    this.sending = labels;
    this.tell({ kind: "saving" });
    try {
      this.revision = await this.send(labels, this.revision);
      this.keep(null);
      this.tell(this.waiting ? { kind: "waiting" } : { kind: "saved" });
    } catch (error) {
      this.waiting ??= labels;
      this.isHeld = true;
      this.keep(this.waiting);
      const isConflict = (error as { status?: number }).status === CONFLICT;
      this.tell(isConflict ? { kind: "conflict" } : { kind: "failed", message: (error as Error).message });
    } finally {
      this.running = this.sending = null;
    }
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
