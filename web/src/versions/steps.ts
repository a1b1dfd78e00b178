/** The steps of a version as a person reads and chooses them; pure. */
import type { FieldKind, SettingsTable, StepKind, Steps, VersionSettings } from "./api";

interface StepText {
  title: string;
  hint: string;
}

/** Steps in words. One without an entry is shown by its key, so a new one of the server is never hidden. */
const TEXTS: Record<string, StepText> = {
  "auto-orient": { title: "Auto-orient", hint: "Turn pictures as their camera held them, and forget the note." },
  resize: { title: "Resize", hint: "Give every image the same size." },
  grayscale: { title: "Grayscale", hint: "Take the colours out of every image." },
  contrast: { title: "Auto-contrast", hint: "Spread the brightness of every image." },
  "static-crop": { title: "Static crop", hint: "Keep one part of every image, in percent of its sides." },
  tile: { title: "Tile", hint: "Cut every image into parts, so that small things grow." },
  isolate: { title: "Isolate objects", hint: "Make each box an image of its own." },
  remap: { title: "Modify classes", hint: "Rename, merge or leave out classes." },
  "filter-null": { title: "Filter null", hint: "Keep at most this share of images without boxes." },
  "filter-tag": { title: "Filter by tag", hint: "Only images with some tags, or without." },
  mosaic: { title: "Mosaic", hint: "Set four images together into one." },
  flip: { title: "Flip", hint: "Mirror images." },
  ninety: { title: "90° rotate", hint: "Turn images by quarters." },
  crop: { title: "Crop", hint: "Zoom into a part, by a share of the sides." },
  rotate: { title: "Rotation", hint: "Turn images by up to this angle." },
  shear: { title: "Shear", hint: "Slant images." },
  rgrayscale: { title: "Grayscale", hint: "Take the colours out of this share of images." },
  hue: { title: "Hue", hint: "Shift all colours." },
  saturation: { title: "Saturation", hint: "Make colours stronger or weaker." },
  brightness: { title: "Brightness", hint: "Make images lighter or darker." },
  exposure: { title: "Exposure", hint: "As if the camera had seen more or less light." },
  blur: { title: "Blur", hint: "Out of focus, up to this radius." },
  "motion-blur": { title: "Motion blur", hint: "As if the camera had moved." },
  noise: { title: "Noise", hint: "Speckle up to this share of pixels." },
  cutout: { title: "Cutout", hint: "Cover squares, so that a part has to do for the whole." },
};

export function describeStep(key: string): StepText {
  const known = TEXTS[key];
  if (known) return known;
  const inner = key.startsWith("bb") ? TEXTS[key.slice(2)] : undefined;
  return inner
    ? { title: `Box: ${inner.title.toLowerCase()}`, hint: `${inner.hint} Inside each box alone.` }
    : { title: key, hint: "" };
}

/** What a step is set to when it is first chosen. */
export function startValue(kind: StepKind): unknown {
  if (kind.kind !== "group") return startOfField(kind);
  const entries = Object.entries(kind.fields);
  const flags = entries.filter(([, field]) => field.kind === "flag").map(([name]) => name);
  return Object.fromEntries(
    // A group of flags with none set would do nothing, so the first one is.
    entries.map(([name, field]) => [name, field.kind === "flag" ? name === flags[0] : startOfField(field)]),
  );
}

function startOfField(field: FieldKind): unknown {
  switch (field.kind) {
    case "flag":
      return true;
    case "choice":
      return field.texts[0];
    case "number":
      return field.default ?? startOfNumber(field);
    case "names":
      return {};
    case "tags":
      return {};
  }
}

function startOfNumber({ low, high, unit, whole }: FieldKind & { kind: "number" }): number {
  if (unit === "pixels" && high > 1000) return 640;
  if (unit === "outputs") return 3;
  if (unit === "tiles") return 2;
  if (unit === "pixels") return Math.max(low, Math.min(high, 2));
  const value = low + (high - low) * 0.15;
  return whole || high > 20 ? Math.round(value) : value;
}

/** An object without one of its keys. */
export function without<T>(object: Record<string, T>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

/** Is anything chosen that varies images? */
export function varies(augmentation: Steps): boolean {
  return Object.keys(augmentation).some((key) => key !== "image");
}

/** The settings as they are sent: outputs only where something varies them. */
export function settingsToSend(settings: VersionSettings, outputs: number): VersionSettings {
  const steps = without(settings.augmentation, "image");
  const augmentation = varies(steps) ? { image: { versions: outputs }, ...steps } : {};
  return { ...settings, augmentation };
}

const UNITS = new Set(["degrees", "pixels", "percent"]);

/** A step and its values in one line, such as "Resize: Stretch to 640 × 640". */
export function summarize(key: string, value: unknown): string {
  const { title } = describeStep(key);
  if (value === true || value === null || typeof value !== "object") return title;
  const fields = value as Record<string, unknown>;
  if (key === "resize")
    return `${title}: ${String(fields["format"])} ${String(fields["width"])} × ${String(fields["height"])}`;
  const parts = Object.entries(fields)
    .filter(([, field]) => field !== false)
    .map(([name, field]) => {
      if (field === true) return name;
      const text = typeof field === "object" ? JSON.stringify(field) : String(field);
      return UNITS.has(name) ? `${text} ${name}` : `${name} ${text}`;
    });
  return parts.length > 0 ? `${title}: ${parts.join(", ")}` : title;
}

/** The steps of a section in the server's order, with those of boxes last. */
export function orderSteps(table: SettingsTable, section: "preprocessing" | "augmentation"): [string, StepKind][] {
  const steps = Object.entries(table[section]).filter(([key]) => key !== "image");
  return [...steps.filter(([key]) => !key.startsWith("bb")), ...steps.filter(([key]) => key.startsWith("bb"))];
}
