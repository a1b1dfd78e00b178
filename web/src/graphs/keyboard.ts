/** What keys do while the graph has the focus. Pure. */
import type { GraphDocument } from "./document";
import type { View } from "./view";

const ACTIONS = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  PageUp: "back10",
  PageDown: "forward10",
  Home: "first",
  End: "last",
  b: "best",
  "+": "in",
  "=": "in",
  "-": "out",
  "0": "all",
  l: "log",
  t: "time",
  s: "smooth",
  "?": "help",
  Escape: "leave",
} as const;

export type Action = (typeof ACTIONS)[keyof typeof ACTIONS];

/** The list that the help shows; a test holds it against the keys that work. */
export const KEYS: { keys: string[]; text: string }[] = [
  { keys: ["ArrowLeft", "ArrowRight"], text: "one epoch back or on" },
  { keys: ["PageUp", "PageDown"], text: "ten epochs back or on" },
  { keys: ["Home", "End"], text: "first or last epoch" },
  { keys: ["b"], text: "best epoch" },
  { keys: ["+", "-", "0"], text: "zoom in, zoom out, show all" },
  { keys: ["l"], text: "logarithmic losses" },
  { keys: ["t"], text: "epochs or time" },
  { keys: ["s"], text: "smoothing on or off" },
  { keys: ["Escape"], text: "put the cursor away" },
  { keys: ["?"], text: "this help" },
];

export function keyAction(key: string, hasModifier: boolean): Action | null {
  if (hasModifier) return null;
  return Object.hasOwn(ACTIONS, key) ? ACTIONS[key as keyof typeof ACTIONS] : null;
}

export interface KeyTargets {
  doc: Pick<GraphDocument, "epochs" | "best">;
  index: number;
  view: View;
  goTo: (index: number) => void;
  leave: () => void;
  move: (change: { scale: number }) => void;
  onView: (change: Partial<View>) => void;
  help: () => void;
}

const STEPS: Partial<Record<Action, number>> = {
  back: -1,
  forward: 1,
  back10: -10,
  forward10: 10,
  first: -1e9,
  last: 1e9,
};

export function actOn(action: Action, on: KeyTargets): void {
  const last = on.doc.epochs.length - 1;
  const step = STEPS[action];
  if (step !== undefined) return on.goTo(Math.min(last, Math.max(0, on.index + step)));
  const others: Partial<Record<Action, () => void>> = {
    best: () => on.doc.best && on.goTo(on.doc.epochs.indexOf(on.doc.best.epoch)),
    in: () => on.move({ scale: 0.5 }),
    out: () => on.move({ scale: 2 }),
    all: () => on.onView({ zoom: null }),
    log: () => on.onView({ isLog: !on.view.isLog }),
    time: () => on.onView({ axis: on.view.axis === "time" ? "epoch" : "time", zoom: null }),
    smooth: () => on.onView({ smooth: on.view.smooth > 0 ? 0 : 0.6 }),
    help: on.help,
    leave: on.leave,
  };
  others[action]?.();
}
