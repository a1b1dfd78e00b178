/** Where the trash of a workspace is, behind the #. */

export function trashPath(workspace: string): string {
  return `/w/${encodeURIComponent(workspace)}/trash`;
}

/** The workspace whose trash a path shows; null for other paths. */
export function trashOfPath(path: string): string | null {
  const match = /^\/w\/([^/]+)\/trash\/?$/.exec(path);
  if (!match) return null;
  try {
    return decodeURIComponent(match[1] ?? "");
  } catch {
    return match[1] ?? "";
  }
}
