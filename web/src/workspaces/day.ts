/** A time of the server as a day and minute of the reader; a dash where there is none. */
export function day(seconds: number | null): string {
  if (seconds === null) return "–";
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
