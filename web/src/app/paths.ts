import { decodeWord } from "../ui/decodeWord";

export type Place = "projects" | "runs" | "universe" | "workspace" | "account" | "api";

const PLACES: [RegExp, Place][] = [
  [/^\/w\/[^/]+\/(projects|trash)(\/|$)/, "projects"],
  [/^(\/|\/new\/?|\/(runs|compare)\/.+|\/w\/[^/]+\/runs\/?)$/, "runs"],
  [/^\/universe(\/|$)/, "universe"],
  [/^\/workspaces\//, "workspace"],
  [/^\/account\/?$/, "account"],
  [/^\/api\/?$/, "api"],
];

/** The word of the bar under which a path lies; null under none. */
export function placeOf(path: string): Place | null {
  return PLACES.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

/** The runs that the path of a comparison names; null for other paths. */
export function runsOfPath(path: string): string[] | null {
  const match = /^\/compare((?:\/[^/]+){2,})\/?$/.exec(path);
  return match ? (match[1] ?? "").slice(1).split("/").map(decodeWord) : null;
}

/** The run that a path names, decoded; null for other paths. */
export function runOfPath(path: string): string | null {
  const match = /^\/runs\/([^/]+)\/?$/.exec(path);
  return match ? decodeWord(match[1] ?? "") : null;
}

/** The workspace whose page a path names; null for other paths. */
export function workspaceOfPath(path: string): string | null {
  const match = /^\/workspaces\/([^/]+)\/?$/.exec(path);
  return match ? decodeWord(match[1] ?? "") : null;
}

/** The workspace whose runs a path lists; null for other paths. */
export function runsOfWorkspacePath(path: string): string | null {
  const match = /^\/w\/([^/]+)\/runs\/?$/.exec(path);
  return match ? decodeWord(match[1] ?? "") : null;
}
