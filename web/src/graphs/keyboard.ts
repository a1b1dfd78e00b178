/** What keys do while a graph has the focus. Pure. */
import type { Move } from "./frame";

const ACTIONS = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  "<": "left",
  ">": "right",
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

type Action = (typeof ACTIONS)[keyof typeof ACTIONS];

/** The list that the help shows; a test holds it against the keys that work. */
export const KEYS: { keys: string[]; text: string }[] = [
  { keys: ["ArrowLeft", "ArrowRight"], text: "one epoch back or on" },
  { keys: ["PageUp", "PageDown"], text: "ten epochs back or on" },
  { keys: ["Home", "End"], text: "first or last epoch" },
  { keys: ["b"], text: "best epoch" },
  { keys: ["+", "-", "0"], text: "zoom in, zoom out, show all" },
  { keys: ["<", ">"], text: "move what is zoomed into" },
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

interface KeyTargets {
  /** How many places the cursor can take, where it is, and where the best epoch is. */
  count: number;
  index: number;
  best: number | null;
  goTo: (index: number) => void;
  leave: () => void;
  move: (change: Move) => void;
  /** Where the cursor is on x: zooming keeps it there. */
  centre?: number | undefined;
  showAll: () => void;
  toggleLog: () => void;
  nextAxis: () => void;
  toggleSmooth: () => void;
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
  const step = STEPS[action];
  if (step !== undefined) return on.goTo(Math.min(on.count - 1, Math.max(0, on.index + step)));
  const { best, centre } = on;
  const about = centre === undefined ? {} : { centre };
  const others: Partial<Record<Action, () => void>> = {
    best: () => best !== null && on.goTo(best),
    in: () => on.move({ scale: 0.5, ...about }),
    out: () => on.move({ scale: 2, ...about }),
    left: () => on.move({ shift: -0.25 }),
    right: () => on.move({ shift: 0.25 }),
    all: on.showAll,
    log: on.toggleLog,
    time: on.nextAxis,
    smooth: on.toggleSmooth,
    help: on.help,
    leave: on.leave,
  };
  others[action]?.();
}

/** What a toggle gives: off, or the weight that most people take. */
export function toggledSmoothing(weight: number): number {
  return weight > 0 ? 0 : 0.6;
}
