import { expect, test } from "vitest";
import { isForElement, KEYS, meaningOf, type KeyPress } from "./keys";

/** A key of the list as a press, such as "Ctrl+z". */
function pressOf(text: string): KeyPress {
  const words = text.length > 1 ? text.split("+").filter(Boolean) : [text];
  const has = (word: string): boolean => words.length > 1 && words.includes(word);
  const key = words.at(-1) ?? text;
  return { key, ctrlKey: has("Ctrl"), shiftKey: has("Shift"), metaKey: false, altKey: false };
}

test("every key of the help does something", () => {
  const idle = KEYS.flatMap(({ keys }) => keys).filter((key) => meaningOf(pressOf(key)) === null);
  expect(idle).toEqual([]);
});

test("digits are classes, arrows are steps, longer with Shift", () => {
  expect(meaningOf(pressOf("3"))).toEqual({ kind: "class", index: 2 });
  expect(meaningOf(pressOf("0"))).toEqual({ kind: "act", action: "fit" });
  expect(meaningOf(pressOf("ArrowUp"))).toEqual({ kind: "step", by: [0, -1] });
  expect(meaningOf(pressOf("Shift+ArrowRight"))).toEqual({ kind: "step", by: [10, 0] });
});

test("undo and redo as everywhere; other keys of the browser stay its own", () => {
  expect(meaningOf(pressOf("Ctrl+z"))).toEqual({ kind: "act", action: "undo" });
  expect(meaningOf(pressOf("Ctrl+Shift+Z"))).toEqual({ kind: "act", action: "redo" });
  expect(meaningOf(pressOf("Ctrl+y"))).toEqual({ kind: "act", action: "redo" });
  expect(meaningOf(pressOf("Ctrl+c"))).toBeNull();
  expect(meaningOf(pressOf("Ctrl+1"))).toBeNull();
  expect(meaningOf(pressOf("toString"))).toBeNull();
});

test("who writes into a field writes, and Enter on a button presses it", () => {
  expect(isForElement({ tagName: "INPUT", type: "text" }, pressOf("d"))).toBe(true);
  expect(isForElement({ tagName: "BUTTON" }, pressOf("Enter"))).toBe(true);
  expect(isForElement({ tagName: "BUTTON" }, pressOf("d"))).toBe(false);
  expect(isForElement({ tagName: "BODY" }, pressOf(" "))).toBe(false);
});
