/** Which classes the per-class panel shows. Pure. */
import type { GraphDocument } from "./document";
import { own } from "./document";
import { classKey, classNames } from "./panels";

const MANY = 8;

/** Last known AP of a class, for ordering. */
export function lastAp(doc: GraphDocument, name: string, iou: string): number | null {
  return (own(doc.series, classKey(name, iou)) ?? []).findLast((value) => value !== null) ?? null;
}

/** The chosen classes; without a choice all of a few, else the four weakest and the four strongest. */
export function chooseClasses(doc: GraphDocument, chosen: string[] | null, iou: string): string[] {
  const names = classNames(doc, iou);
  if (chosen) return names.filter((name) => chosen.includes(name));
  if (names.length <= MANY) return names;
  const ap = new Map(names.map((name) => [name, lastAp(doc, name, iou)]));
  const ranked = names.filter((name) => ap.get(name) !== null).sort((a, b) => (ap.get(a) ?? 0) - (ap.get(b) ?? 0));
  return [...ranked.slice(0, MANY / 2), ...ranked.slice(-MANY / 2)];
}

/** Classes that have a curve with their last value, the lowest first. */
export function classesWorstFirst(doc: GraphDocument, iou: string): { name: string; value: number }[] {
  return classNames(doc, iou)
    .flatMap((name) => {
      const value = own(doc.series, classKey(name, iou))?.findLast((one) => one !== null);
      return value == null ? [] : { name, value };
    })
    .sort((a, b) => a.value - b.value);
}
