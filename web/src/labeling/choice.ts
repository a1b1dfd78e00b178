/** What each class of a model becomes, as a person chooses it; pure. */
import type { AssistRequest } from "./api";

/** Of one class of the model. */
export interface ClassChoice {
  /** Percent; empty: that of all. */
  percent: string;
  /** The class of the project; KEEPS its own name, or LEAVES_OUT. */
  target: string;
}

export const [KEEPS, LEAVES_OUT] = ["=", "-"] as const;

export function firstChoices(classes: string[]): Record<string, ClassChoice> {
  return Object.fromEntries(classes.map((name) => [name, { percent: "", target: KEEPS }]));
}

/** The confidence to begin with, in percent: where the model's own evaluation found it best, else 50. */
export function firstPercent(best: number | undefined): string {
  return best === undefined || !(best > 0 && best < 1) ? "50" : String(Math.max(1, Math.floor(best * 100)));
}

/** The thresholds and the mapping of a request: only what differs from the rule for all. */
export function requestOf(choices: Record<string, ClassChoice>): Pick<AssistRequest, "thresholds" | "classes"> {
  const thresholds: Record<string, number> = {};
  const classes: Record<string, string | null> = {};
  for (const [name, { percent, target }] of Object.entries(choices)) {
    if (target === LEAVES_OUT) classes[name] = null;
    else if (target !== KEEPS) classes[name] = target.slice(1);
    if (percent !== "" && target !== LEAVES_OUT) thresholds[name] = Number(percent) / 100;
  }
  return { thresholds, classes };
}

/** A class of the project as a value of the list: never the same as KEEPS or LEAVES_OUT, whatever it is called. */
export function targetOf(className: string): string {
  return `:${className}`;
}
