import { useEffect, useRef } from "react";
import type { KeyAction, KeyMeaning } from "./keys";
import { isForElement, meaningOf } from "./keys";

/** Keys of the whole page, except where somebody writes; `onPan` tells when the space bar is held. */
export function useKeys(onKey: (meaning: KeyMeaning) => void, onPan: (isHeld: boolean) => void): void {
  const latest = useRef({ onKey, onPan });
  useEffect(() => {
    latest.current = { onKey, onPan };
  });
  useEffect(() => {
    const down = (event: KeyboardEvent): void => {
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      if (event.defaultPrevented || isForElement(target, event)) return;
      const meaning = meaningOf(event);
      if (!meaning) return;
      event.preventDefault();
      if (isPan(meaning)) latest.current.onPan(true);
      else latest.current.onKey(meaning);
    };
    const up = (event: KeyboardEvent): void => {
      if (event.key === " ") latest.current.onPan(false);
    };
    const blur = (): void => latest.current.onPan(false);
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    addEventListener("blur", blur);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", blur);
    };
  }, []);
}

function isPan(meaning: KeyMeaning): boolean {
  const pan: KeyAction = "pan";
  return meaning.kind === "act" && meaning.action === pan;
}
