/** What keys do on the page that draws boxes. Pure. */

export type KeyAction =
  | "before"
  | "after"
  | "remove"
  | "undo"
  | "redo"
  | "paste"
  | "accept"
  | "acceptAll"
  | "leave"
  | "nextBox" // prettier-ignore
  | "in"
  | "out"
  | "fit"
  | "pan";

/** A key as the browser tells it. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const PLAIN: Record<string, KeyAction> = {
  a: "before",
  PageUp: "before",
  d: "after",
  PageDown: "after",
  Delete: "remove",
  Backspace: "remove",
  c: "paste",
  Enter: "accept",
  Escape: "leave",
  n: "nextBox",
  "+": "in",
  "=": "in",
  "-": "out",
  "0": "fit",
  " ": "pan",
};
const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const FAR_PX = 10;

export type KeyMeaning =
  | { kind: "act"; action: KeyAction }
  | { kind: "class"; index: number }
  | { kind: "step"; by: readonly [number, number] };

/** What a key means; null: nothing here, so that the browser has it. */
export function meaningOf(press: KeyPress): KeyMeaning | null {
  const { key, shiftKey } = press;
  if (press.altKey) return null;
  if (press.ctrlKey || press.metaKey) {
    const letter = key.toLowerCase();
    if (letter === "z") return { kind: "act", action: shiftKey ? "redo" : "undo" };
    return letter === "y" ? { kind: "act", action: "redo" } : null;
  }
  if (/^[1-9]$/.test(key)) return { kind: "class", index: Number(key) - 1 };
  const step = Object.hasOwn(STEPS, key) ? STEPS[key] : undefined;
  if (step) {
    const far = shiftKey ? FAR_PX : 1;
    return { kind: "step", by: [step[0] * far, step[1] * far] };
  }
  if (key === "Enter" && shiftKey) return { kind: "act", action: "acceptAll" };
  const action = Object.hasOwn(PLAIN, key) ? PLAIN[key] : undefined;
  return action ? { kind: "act", action } : null;
}

/** The list that the help shows; a test holds it against the keys that work. */
export const KEYS: { keys: string[]; text: string }[] = [
  {
    keys: ["1", "9"],
    text: "first to ninth class of the chosen box; of the next one when none is chosen; right after drawing, of both",
  },
  { keys: ["d", "a"], text: "next image, image before; also Page Down, Page Up" },
  { keys: ["Delete"], text: "remove the chosen box" },
  { keys: ["Ctrl+z", "Ctrl+y"], text: "undo, do again" },
  {
    keys: ["ArrowLeft", "ArrowUp"],
    text: "move the chosen box by a pixel, with Shift by ten; with no box chosen: other image",
  },
  { keys: ["n"], text: "choose the next box" },
  { keys: ["c"], text: "copy the boxes of the image before" },
  { keys: ["Enter", "Shift+Enter"], text: "take the chosen draft, take all drafts" },
  { keys: ["+", "-", "0"], text: "zoom in, zoom out, whole picture" },
  { keys: [" "], text: "held down: drag the picture" },
  { keys: ["Escape"], text: "let go of the chosen box, so that a class is the next box’s alone" },
];

/** Whether a key is meant for what has the focus: writing, choosing, pressing a button. */
export function isForElement(element: { tagName: string; type?: string }, press: KeyPress): boolean {
  const tag = element.tagName;
  if (tag === "TEXTAREA" || tag === "SELECT") return true;
  if (tag === "INPUT") return true;
  return (tag === "BUTTON" || tag === "A" || tag === "SUMMARY") && (press.key === "Enter" || press.key === " ");
}
