import type { Values } from "./document";

/**
 * Exponential moving average without the pull towards the start: the running sum is divided by the running weight
 * (Kingma & Ba 2014, section 3). Works on raw values, before any thinning; gaps stay gaps and carry the state over.
 *
 * @param weight 0 (no smoothing) up to, but below, 1.
 */
export function debiasedEma(values: Values, weight: number): Values {
  if (!(weight >= 0 && weight < 1)) throw new RangeError(`smoothing weight ${weight} is not in [0, 1)`);
  let sum = 0;
  let mass = 0;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    sum = weight * sum + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return sum / mass;
  });
}

const found = new WeakMap<Values, { weight: number; smoothed: Values }>();

/** As `debiasedEma`, remembering the last answer for each series: a page that is panned asks for the same again and again. */
export function smoothedOnce(values: Values, weight: number): Values {
  const known = found.get(values);
  if (known?.weight === weight) return known.smoothed;
  const smoothed = debiasedEma(values, weight);
  found.set(values, { weight, smoothed });
  return smoothed;
}
