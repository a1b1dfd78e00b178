/** States of a run in words, with what to do. */
import type { RunState, RunSummary } from "./api";
import { formatDuration } from "../ui/format";

export type StateTone = "busy" | "good" | "quiet" | "warn" | "bad";

const WORDS: Record<RunState, { word: string; tone: StateTone }> = {
  preparing: { word: "Preparing", tone: "busy" },
  training: { word: "Training", tone: "busy" },
  validating: { word: "Validating", tone: "busy" },
  evaluating: { word: "Evaluating", tone: "busy" },
  finished: { word: "Finished", tone: "good" },
  stopped: { word: "Stopped", tone: "quiet" },
  failed: { word: "Failed", tone: "bad" },
  stalled: { word: "Stalled", tone: "warn" },
  dead: { word: "Dead", tone: "bad" },
};

export function describeState(state: RunState): { word: string; tone: StateTone } {
  return Object.hasOwn(WORDS, state) ? WORDS[state] : { word: state, tone: "quiet" };
}

/** Nothing more comes by itself. */
export function hasEnded(state: RunState): boolean {
  return state === "finished" || state === "stopped" || state === "failed" || state === "dead";
}

export function canStop(state: RunState): boolean {
  return !hasEnded(state);
}

export function canResume(state: RunState): boolean {
  return state === "dead" || state === "failed" || state === "stopped";
}

/** A summary names the epoch that runs; this many are done. */
export function finishedEpochs({ state, epoch }: Pick<RunSummary, "state" | "epoch">): number {
  if (epoch === null) return 0;
  return state === "training" || state === "validating" || state === "stalled" ? Math.max(0, epoch - 1) : epoch;
}

/** What is wrong and what to do about it; null when all is well. */
export function adviseOn(summary: RunSummary, ageS: number, lastEpoch: number): { title: string; text: string } | null {
  const upTo = lastEpoch > 0 ? `Everything up to epoch ${lastEpoch} is kept` : "No epoch was finished";
  if (summary.state === "stalled") {
    return {
      title: `Silent for ${formatDuration(ageS)}`,
      text: "Its process is alive but says nothing: it may wait for a slow disk or for memory. Look into the log; if nothing moves, stop it now and resume it.",
    };
  }
  if (summary.state === "dead") {
    return {
      title: "Its process is gone",
      text: `It had not ended: perhaps the machine was restarted, or memory ran out. ${upTo}; resume goes on from there.`,
    };
  }
  if (summary.state === "failed") {
    const reason = summary.message ? `${summary.message.replace(/\.?$/, ".")} ` : "";
    return {
      title: "The training failed",
      text: `${reason}${upTo}. The log says more; when the cause is gone, resume goes on from there.`,
    };
  }
  return null;
}
