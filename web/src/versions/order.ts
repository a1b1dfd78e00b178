/** A training as it is ordered on the page, and the order that the server takes; pure. */
import type { AugmentationForm } from "./augmentation";
import { augmentationOf } from "./augmentation";
import type { Knob, TrainingOrder, TrainingStart } from "./trainings";

/** Numbers as a person types them; empty: derived, or no limit. */
export interface OrderForm {
  name: string;
  model: string;
  epochs: string;
  size: string;
  seed: string;
  /** "", or the kind and id of what it starts from, such as "training:abc". */
  start: string;
  hours: string;
  memoryGb: string;
  webhook: string;
  /** Those that were changed, by name. */
  knobs: Record<string, string>;
  /** null: as derived. */
  augmentation: AugmentationForm | null;
}

export const EMPTY_ORDER: OrderForm = {
  name: "",
  model: "fast-n",
  epochs: "",
  size: "",
  seed: "",
  start: "",
  hours: "",
  memoryGb: "",
  webhook: "",
  knobs: {},
  augmentation: null,
};

/** Have a field of their own on the page. */
const DIAL = ["epochs", "image_size", "seed"];

/** The hyperparameters that stand under "more". */
export function furtherKnobs(knobs: Record<string, Knob>): [string, Knob][] {
  return Object.entries(knobs).filter(([name]) => !DIAL.includes(name));
}

export function orderOf(form: OrderForm): TrainingOrder {
  const hyperparameters = Object.fromEntries(
    Object.entries(form.knobs)
      .filter(([, text]) => text.trim() !== "")
      .map(([name, text]) => [name, Number(text)]),
  );
  const hours = numberOf(form.hours);
  const memory = numberOf(form.memoryGb);
  return {
    name: form.name.trim(),
    model_type: form.model,
    epochs: numberOf(form.epochs),
    image_size: numberOf(form.size),
    seed: numberOf(form.seed),
    start: startOf(form.start),
    recipe: {
      ...(Object.keys(hyperparameters).length > 0 ? { hyperparameters } : {}),
      ...(form.augmentation === null ? {} : { online_augmentation: augmentationOf(form.augmentation) }),
    },
    max_s: hours === null ? null : hours * 3600,
    max_memory_bytes: memory === null ? null : Math.round(memory * 1e9),
    webhook_url: form.webhook.trim() || null,
  };
}

function startOf(text: string): TrainingStart {
  const at = text.indexOf(":");
  const [kind, rest] = [text.slice(0, at), text.slice(at + 1)];
  if (kind === "training" || kind === "model") return { kind, id: rest };
  return kind === "checkpoint" ? { kind, name: rest } : { kind: "random" };
}

function numberOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}
