/** Where the pages of a project are, behind the #. */
import { decodeWord } from "../ui/decodeWord";

export interface ProjectAddress {
  workspace: string;
  project: string;
  /** What follows, such as ["versions", "3"]. */
  rest: string[];
}

export function projectPath(workspace: string, project: string, ...rest: (string | number)[]): string {
  const words = ["w", workspace, "projects", project, ...rest.map(String)];
  return `/${words.map(encodeURIComponent).join("/")}`;
}

/** The project that a path names; null for other paths. */
export function projectOfPath(path: string): ProjectAddress | null {
  const match = /^\/w\/([^/]+)\/projects\/([^/]+)((?:\/[^/]+)*)\/?$/.exec(path);
  if (!match) return null;
  const [, workspace = "", project = "", rest = ""] = match;
  return {
    workspace: decodeWord(workspace),
    project: decodeWord(project),
    rest: rest.split("/").filter(Boolean).map(decodeWord),
  };
}

/** The workspace whose projects a path lists; null for other paths. */
export function projectsOfPath(path: string): string | null {
  const match = /^\/w\/([^/]+)\/projects\/?$/.exec(path);
  return match ? decodeWord(match[1] ?? "") : null;
}
