/** Where the trash of a workspace is, behind the #. */
import { decodeWord } from "../ui/decodeWord";

export function trashPath(workspace: string): string {
  return `/w/${encodeURIComponent(workspace)}/trash`;
}

/** The workspace whose trash a path shows; null for other paths. */
export function trashOfPath(path: string): string | null {
  const match = /^\/w\/([^/]+)\/trash\/?$/.exec(path);
  return match ? decodeWord(match[1] ?? "") : null;
}
