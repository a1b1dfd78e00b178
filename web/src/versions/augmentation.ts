/** How images are varied anew at every draw, as a person chooses it, and the part of a recipe that says so; pure. */
import type { Knob, RecipeDescription } from "./trainings";

/** Of each step that is on its settings in percent, as typed; a step that is not named is off. */
export type AugmentationForm = Record<string, Record<string, string>>;

/** A step as the form shows it: in words, with its settings. */
export interface AugmentationStep {
  name: string;
  settings: { name: string; label: string; knob: Knob; usual: number }[];
}

/** What a step is, and when to change it, for somebody who never trained a model. */
export const STEP_WORDS: Record<string, { title: string; about: string; caution: string }> = {
  mosaic: {
    title: "Mosaic",
    about: "Puts four images together into one, so that objects are seen smaller and in new surroundings.",
    caution:
      "Helps most when there are few images. It is left off towards the end, so that the last epochs see real ones.",
  },
  scale: {
    title: "Size",
    about: "Shows images larger or smaller, so that near and far objects are found alike.",
    caution: "Lower it when your camera always sees things at the same size.",
  },
  flip: {
    title: "Mirror",
    about: "Mirrors images left to right.",
    caution: "Turn it off when left and right mean something: writing, arrows, traffic signs.",
  },
  color: {
    title: "Colour and light",
    about: "Changes hue, strength of colour and brightness a little, as light and cameras do.",
    caution: "Lower the hue when the colour alone tells your classes apart.",
  },
};

const LABELS: Record<string, string> = {
  probability: "How often, %",
  until: "Left off after this part of the training, %",
  strength: "By up to, %",
  hue: "Hue by up to, % of the circle",
  saturation: "Strength of colour by up to, %",
  value: "Brightness by up to, %",
};

/** The steps that the server knows, with what it would do by itself. */
export function stepsOf(recipe: RecipeDescription): AugmentationStep[] {
  return recipe.template.online_augmentation.flatMap((usual) => {
    const name = String(usual["name"]);
    const known = recipe.schema.properties.online_augmentation.items.oneOf.find(
      (one) => one.properties.name.const === name,
    );
    if (!known) return [];
    const settings = Object.entries(known.properties).flatMap(([setting, knob]) =>
      "minimum" in knob
        ? [{ name: setting, label: LABELS[setting] ?? setting, knob, usual: Number(usual[setting] ?? 0) }]
        : [],
    );
    return [{ name, settings }];
  });
}

/** All steps on, as the server would do them: where somebody who wants to choose begins. */
export function usualForm(steps: AugmentationStep[]): AugmentationForm {
  return Object.fromEntries(steps.map((step) => [step.name, usualSettings(step)]));
}

export function usualSettings({ settings }: AugmentationStep): Record<string, string> {
  return Object.fromEntries(settings.map(({ name, usual }) => [name, percentOf(usual)]));
}

/** The list that a recipe has; what is left empty is the server's own. */
export function augmentationOf(form: AugmentationForm): Record<string, unknown>[] {
  return Object.entries(form).map(([name, settings]) => ({
    name,
    ...Object.fromEntries(
      Object.entries(settings)
        .filter(([, text]) => text.trim() !== "")
        .map(([setting, text]) => [setting, Number((Number(text) / 100).toPrecision(12))]),
    ),
  }));
}

export function percentOf(fraction: number): string {
  return String(Number((fraction * 100).toPrecision(6)));
}
