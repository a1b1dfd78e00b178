/** Round numbers for an axis, inside [low, high]: steps of 1, 2 or 5 times a power of ten. */
export function niceTicks(low: number, high: number, about: number, minStep = 0): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(minStep, ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** 1, 2 and 5 times the powers of ten in [low, high]. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const m of [1, 2, 5]) {
      const value = m * 10 ** power;
      if (value >= low && value <= high) ticks.push(Number(value.toPrecision(12)));
    }
  }
  return ticks;
}
