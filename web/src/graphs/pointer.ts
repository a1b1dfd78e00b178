/** Which epoch the values beside the graph belong to. Pure. */
import type { GraphDocument } from "./document";

/** At rest: the last epoch of a run that lives, the best of one that ended. */
export function defaultIndex(doc: GraphDocument, isLive: boolean): number {
  const last = doc.epochs.length - 1;
  const best = doc.best ? doc.epochs.indexOf(doc.best.epoch) : -1;
  return isLive || best < 0 ? last : best;
}

export function describeIndex(doc: GraphDocument, index: number, isChosen: boolean, isLive: boolean): string {
  const isBest = doc.best !== null && doc.epochs[index] === doc.best.epoch;
  const isLast = index === doc.epochs.length - 1;
  if (isBest && isLast) return "best and last epoch";
  if (isBest) return "best epoch";
  if (isLast) return isLive ? "last finished epoch" : "last epoch";
  return isChosen ? "under the cursor" : "";
}
