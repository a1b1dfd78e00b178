/** Which lines are hidden. Pure. */

export function toggled(hidden: string[], key: string): string[] {
  return hidden.includes(key) ? hidden.filter((one) => one !== key) : [...hidden, key];
}

/** Hides the other lines of the same panel; when they are hidden already, shows them again. */
export function soloed(hidden: string[], panel: string[], key: string): string[] {
  const others = panel.filter((one) => one !== key);
  const rest = hidden.filter((one) => !panel.includes(one));
  const isSolo = others.every((one) => hidden.includes(one)) && !hidden.includes(key);
  return isSolo ? rest : [...rest, ...others];
}
