/** Where the pages of the universe are, behind the #. */

export const UNIVERSE = "/universe";
export type PublicTab = "images" | "graph" | "model" | "clone";

export interface PublicAddress {
  owner: string;
  project: string;
  tab: PublicTab;
}

export function publicPath(owner: string, project: string, tab: PublicTab = "images"): string {
  const words = [owner, project, ...(tab === "images" ? [] : [tab])];
  return `${UNIVERSE}/${words.map(encodeURIComponent).join("/")}`;
}

/** The public project that a path names; null for other paths. */
export function publicOfPath(path: string): PublicAddress | null {
  const match = /^\/universe\/([^/]+)\/([^/]+)(?:\/(graph|model|clone))?\/?$/.exec(path);
  if (!match) return null;
  const [, owner = "", project = "", tab = "images"] = match;
  return { owner: decode(owner), project: decode(project), tab: tab as PublicTab };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
