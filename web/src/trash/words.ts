/** The trash in words. Pure. */
import type { TrashKind } from "./api";

export const KIND_WORDS: Record<TrashKind, string> = {
  project: "Projects",
  version: "Versions",
  training: "Trainings",
  model: "Models",
  image: "Images",
};

const DAY_S = 86_400;

/** Until when something can be taken out; `now` and `goesAt` in seconds since 1970. */
export function untilText(goesAt: number | null, now: number): string {
  if (goesAt === null) return "kept for now";
  const days = Math.ceil((goesAt - now) / DAY_S);
  if (days <= 0) return "goes for good at the next look";
  const day = new Date(goesAt * 1000).toLocaleDateString(undefined, { dateStyle: "medium" });
  return `gone for good on ${day}, in ${days} ${days === 1 ? "day" : "days"}`;
}
