/** How train images are varied: in the version, once and for all, and again by the trainer, at every draw. Pure. */

export interface Step {
  name: string;
  text: string;
}

/** What the trainer does; the names are those of our recipe, then of Ultralytics' `args.yaml`. */
const ONLINE: Record<string, { name: string; text: (value: number) => string }> = {
  mosaic: { name: "mosaic", text: (v) => `four images in one, in ${percent(v)} of the draws` },
  scale: { name: "scale", text: (v) => `up to ${percent(v)} larger or smaller` },
  translate: { name: "move", text: (v) => `by up to ${percent(v)} of the side` },
  flip: { name: "flip", text: (v) => `left and right swapped in ${percent(v)} of the draws` },
  fliplr: { name: "flip", text: (v) => `left and right swapped in ${percent(v)} of the draws` },
  flipud: { name: "flip upright", text: (v) => `top and bottom swapped in ${percent(v)} of the draws` },
  degrees: { name: "rotate", text: (v) => `by up to ${v}°` },
  shear: { name: "shear", text: (v) => `by up to ${v}°` },
  mixup: { name: "mixup", text: (v) => `two images laid over each other in ${percent(v)} of the draws` },
  copy_paste: { name: "copy and paste", text: (v) => `objects copied between images in ${percent(v)} of the draws` },
  hue: { name: "hue", text: share },
  hsv_h: { name: "hue", text: share },
  saturation: { name: "saturation", text: share },
  hsv_s: { name: "saturation", text: share },
  value: { name: "brightness", text: share },
  hsv_v: { name: "brightness", text: share },
};

/** The trainer's own steps that are switched on; null when the recipe names none of them. */
export function onlineSteps(recipe: Record<string, unknown>): Step[] | null {
  const known = Object.entries(ONLINE).flatMap(([key, { name, text }]) => {
    const value = Object.hasOwn(recipe, key) ? recipe[key] : undefined;
    return typeof value === "number" ? [{ name, text: text(value), isOn: value > 0 }] : [];
  });
  if (known.length === 0) return null;
  return known.filter(({ isOn }) => isOn).map(({ name, text }) => ({ name, text }));
}

/** Until which part of the training mosaic is on, in words; null when that is not known. */
export function mosaicEnd(recipe: Record<string, unknown>): string | null {
  const { mosaic, mosaic_off: part, close_mosaic: last } = recipe;
  if (typeof mosaic !== "number" || mosaic <= 0) return null;
  if (typeof part === "number") return `until ${percent(part)} of the epochs are done`;
  return typeof last === "number" && last > 0 ? `until the last ${last} epochs` : null;
}

/** The steps of a version; names that begin with "bb" act inside the boxes alone. */
export function offlineSteps(augmentation: Record<string, unknown>): Step[] {
  return Object.entries(augmentation)
    .filter(([name]) => name !== "image")
    .map(([name, settings]) => ({
      name: name.startsWith("bb") ? `${name.slice(2).toLowerCase()} inside boxes` : name,
      text: settingsText(settings),
    }));
}

/** How many images each train image became. */
export function outputsPerImage(augmentation: Record<string, unknown>): number {
  const image = augmentation["image"];
  const versions = typeof image === "object" && image !== null ? (image as { versions?: unknown }).versions : undefined;
  return typeof versions === "number" ? versions : 1;
}

function settingsText(settings: unknown): string {
  if (typeof settings !== "object" || settings === null) return settings === true ? "on" : String(settings);
  return Object.entries(settings)
    .filter(([, value]) => value !== false && value !== 0)
    .map(([key, value]) => (value === true ? key : `${key} ${String(value)}`))
    .join(", ");
}

function share(value: number): string {
  return `by up to ${percent(value)}`;
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))} %`;
}
