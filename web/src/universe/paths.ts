/** Where the pages of the universe are, behind the #. */
import { decodeWord } from "../ui/decodeWord";

export const UNIVERSE = "/universe";
export type PublicTab = "images" | "versions" | "graph" | "model" | "clone";

export interface PublicAddress {
  owner: string;
  project: string;
  tab: PublicTab;
  /** Whose graph; null: the best model's. */
  model: string | null;
}

export function publicPath(
  owner: string,
  project: string,
  tab: PublicTab = "images",
  model: string | null = null,
): string {
  const words = [owner, project, ...(tab === "images" ? [] : [tab]), ...(model === null ? [] : [model])];
  return `${UNIVERSE}/${words.map(encodeURIComponent).join("/")}`;
}

/** The public project that a path names; null for other paths. */
export function publicOfPath(path: string): PublicAddress | null {
  const match = /^\/universe\/([^/]+)\/([^/]+)(?:\/(versions|graph|model|clone)(?:\/([^/]+))?)?\/?$/.exec(path);
  if (!match) return null;
  const [, owner = "", project = "", tab = "images", model] = match;
  if (model !== undefined && tab !== "graph") return null;
  const named = model === undefined ? null : decodeWord(model);
  return { owner: decodeWord(owner), project: decodeWord(project), tab: tab as PublicTab, model: named };
}
