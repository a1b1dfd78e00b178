/** Asks for the run that the address names while the page is still being made: what a reader waits for comes first. */
import type { GraphDocument } from "../graphs/document";
import type { RunSummary } from "./api";
import { getGraph, getRun } from "./api";

interface Asked {
  id: string;
  graph: Promise<GraphDocument>;
  run: Promise<RunSummary>;
}

let asked: Asked | null = null;

export function askEarly(id: string): void {
  const mine: Asked = { id, graph: getGraph(id), run: getRun(id) };
  asked = mine;
  // Refused, as of somebody who has to sign in: whoever wants it later asks anew.
  const forget = (): void => {
    if (asked === mine) asked = null;
  };
  mine.graph.catch(forget);
  mine.run.catch(forget);
}

/** What was asked early of this run; once, since an answer grows old. */
export function takeEarly(id: string): Asked | null {
  const found = asked?.id === id ? asked : null;
  asked = null;
  return found;
}
