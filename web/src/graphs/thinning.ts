import type { Values } from "./document";

/**
 * Which points a chart needs: M4 (Jugel et al. 2014) keeps the first, the last, the smallest and the largest of each
 * bucket, so no spike is lost and the drawn line has the same pixels. One set for all series, because they share x.
 *
 * @param count how many points there are.
 * @param series raw columns of that length.
 * @param buckets about the width of the chart in pixels.
 * @param from first index that can be seen.
 * @param to index behind the last one that can be seen.
 * @returns rising indices; every index when there are few.
 */
export function keptIndices(count: number, series: Values[], buckets: number, from = 0, to = count): number[] {
  const first = Math.max(0, from - 1);
  const last = Math.min(count, to + 1);
  const span = last - first;
  if (span <= buckets * 4) return Array.from({ length: span }, (_, i) => first + i);
  const kept = new Set<number>();
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = first + Math.floor((bucket * span) / buckets);
    const end = first + Math.floor(((bucket + 1) * span) / buckets);
    kept.add(start);
    kept.add(end - 1);
    for (const values of series) addExtremes(values, start, end, kept);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Keeps also both sides of a gap, so that a NaN stays visible as one. */
function addExtremes(values: Values, start: number, end: number, kept: Set<number>): void {
  let low = -1;
  let high = -1;
  for (let i = start; i < end; i++) {
    const value = values[i];
    if (value === null || value === undefined) continue;
    if (low < 0 || value < (values[low] as number)) low = i;
    if (high < 0 || value > (values[high] as number)) high = i;
    if (i > 0 && values[i - 1] === null) kept.add(i - 1).add(i);
  }
  if (low >= 0) kept.add(low).add(high);
}
