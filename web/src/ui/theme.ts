/** Light, dark, or what the system says; and the colours that a canvas needs by value. */
import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";

export interface ChartTheme {
  ink: string;
  muted: string;
  grid: string;
  line: string;
  surface: string;
  bad: string;
  past: string;
  accent: string;
  /** Hues 1 to 8 at index 0 to 7. */
  series: string[];
  font: string;
}

const KEY = "epochal-theme";
const listeners = new Set<() => void>();
let version = 0;

function changed(): void {
  version++;
  for (const listener of listeners) listener();
}

export function themeChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system"; // a file opened where storage is forbidden
  }
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Kept for this visit only.
  }
  apply(choice);
}

function apply(choice: ThemeChoice): void {
  const root = document.documentElement;
  if (choice === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = choice;
  changed();
}

/** Call once: applies the stored choice, follows the system, and prints in light colours. */
export function startTheme(): void {
  apply(themeChoice());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["theme"] = "light";
    changed();
  });
  addEventListener("afterprint", () => {
    apply(themeChoice());
  });
}

/** Changes with every change of theme; take it as a dependency of what reads colours. */
export function useThemeVersion(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
}

export function readTheme(): ChartTheme {
  return {
    ink: readColour("--ink"),
    muted: readColour("--muted"),
    grid: readColour("--grid"),
    line: readColour("--line"),
    surface: readColour("--surface"),
    bad: readColour("--bad"),
    past: readColour("--past"),
    accent: readColour("--accent"),
    series: Array.from({ length: 8 }, (_, i) => readColour(`--series-${i + 1}`)),
    font: getComputedStyle(document.documentElement).getPropertyValue("--font").trim(),
  };
}

/** The value of a colour token, as #rrggbb: a browser decides light-dark() only where a colour is used. */
export function readColour(token: string): string {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${token})`;
  const parts = getComputedStyle(probe).color.match(/\d+/g) ?? [];
  probe.remove();
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}
