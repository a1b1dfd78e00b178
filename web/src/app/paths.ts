/** The run that a path names, decoded; null for other paths. */
export function runOfPath(path: string): string | null {
  const match = /^\/runs\/([^/]+)\/?$/.exec(path);
  if (!match) return null;
  try {
    return decodeURIComponent(match[1] ?? "");
  } catch {
    return match[1] ?? "";
  }
}
