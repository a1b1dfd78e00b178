/** Trainings of versions over HTTP: ordered, queued, stopped, tried again. */
import type { StateTone } from "../server/states";
import { ask } from "../server/api";
import { versionsUrl } from "./api";

export type TrainingState =
  "queued" | "starting" | "running" | "stopping" | "finished" | "stopped" | "failed" | "cancelled" | "stalled";

export interface Training {
  id: string;
  name: string;
  state: TrainingState;
  project: string;
  version: number;
  model_type: string;
  attempt: number;
  max_attempts: number;
  epoch: number;
  epochs: number | null;
  best: { epoch: number; value: number } | null;
  message: string;
  eta_s: number | null;
  queued_at: number;
  started_at: number | null;
  ended_at: number | null;
  webhook_url: string | null;
  model: TrainedModel | null;
}

export interface TrainedModel {
  id: string;
  slug: string;
  can_run: boolean;
  /** It answers for its version, when that is asked by its number. */
  answers: boolean;
  /** Somebody chose it to, so that later trainings do not take its place. */
  is_chosen: boolean;
}

export type TrainingStart =
  | { kind: "random" }
  | { kind: "training"; id: string }
  | { kind: "model"; id: string }
  | { kind: "checkpoint"; name: string };

export interface TrainingOrder {
  name: string;
  model_type: string;
  epochs: number | null;
  image_size: number | null;
  seed: number | null;
  start: TrainingStart;
  recipe: Record<string, unknown>;
  max_s: number | null;
  max_memory_bytes: number | null;
  webhook_url: string | null;
}

export interface Knob {
  minimum: number;
  maximum: number;
  description: string;
  type: string[];
}

export interface RecipeDescription {
  schema: {
    properties: {
      hyperparameters: { properties: Record<string, Knob> };
      online_augmentation: {
        items: { oneOf: { properties: { name: { const: string } } & Record<string, Knob | { const: string }> }[] };
      };
    };
  };
  template: { hyperparameters: Record<string, number | null>; online_augmentation: Record<string, unknown>[] };
  checkpoints: string[];
}

export const TRAINING_STATES: Record<TrainingState, { word: string; tone: StateTone }> = {
  queued: { word: "Queued", tone: "quiet" },
  starting: { word: "Starting", tone: "busy" },
  running: { word: "Running", tone: "busy" },
  stopping: { word: "Stopping", tone: "busy" },
  finished: { word: "Finished", tone: "good" },
  stopped: { word: "Stopped", tone: "quiet" },
  failed: { word: "Failed", tone: "bad" },
  cancelled: { word: "Cancelled", tone: "quiet" },
  stalled: { word: "Stalled", tone: "warn" },
};

export function trainingEnded(state: TrainingState): boolean {
  return state === "finished" || state === "stopped" || state === "failed" || state === "cancelled";
}

/** How many wait before a training, as the queue stands; null when it does not wait. Other workspaces have turns too. */
export function placeInQueue(trainings: Training[], id: string): number | null {
  const queue = trainings.filter((one) => one.state === "queued").sort((a, b) => a.queued_at - b.queued_at);
  const at = queue.findIndex((one) => one.id === id);
  return at < 0 ? null : at;
}

function trainingsUrl(workspace: string, rest = ""): string {
  return `api/workspaces/${encodeURIComponent(workspace)}/trainings${rest}`;
}

export function logUrl(workspace: string, id: string): string {
  return trainingsUrl(workspace, `/${encodeURIComponent(id)}/log`);
}

export async function getAllTrainings(workspace: string, project?: string): Promise<Training[]> {
  const query = project === undefined ? "" : `?project=${encodeURIComponent(project)}`;
  return (await ask<{ trainings: Training[] }>(trainingsUrl(workspace, query))).trainings;
}

export async function getTraining(workspace: string, id: string): Promise<Training> {
  return ask<Training>(trainingsUrl(workspace, `/${encodeURIComponent(id)}`));
}

export async function getRecipe(workspace: string, model: string): Promise<RecipeDescription> {
  const query = `?model_type=${encodeURIComponent(model)}`;
  return ask<RecipeDescription>(`api/workspaces/${encodeURIComponent(workspace)}/training-recipe${query}`);
}

export async function startTraining(
  workspace: string,
  project: string,
  number: number,
  order: TrainingOrder,
): Promise<Training> {
  return ask<Training>(versionsUrl(workspace, project, `/${number}/trainings`), order);
}

export type TrainingAct = "stop" | "cancel" | "retry" | "trash";

/** Gives the training as it is now; undefined when it went into the trash. */
export async function actOnTraining(workspace: string, id: string, act: TrainingAct): Promise<Training | undefined> {
  const url = trainingsUrl(workspace, `/${encodeURIComponent(id)}`);
  return act === "trash" ? ask<undefined>(url, undefined, "DELETE") : ask<Training>(`${url}/${act}`, {});
}

/** To which names the model of a training answers, in words. */
export function answeringText(training: Pick<Training, "project" | "version">, model: TrainedModel): string {
  const version = `${training.project}/${training.version}`;
  if (!model.can_run) return `Kept as ${model.slug}; it cannot run here.`;
  if (!model.answers) return `Answers as ${model.slug}; another model answers for ${version}.`;
  const why = model.is_chosen ? "chosen, whatever is trained later" : "the newest";
  return `Answers for ${version} (${why}), and as ${model.slug}.`;
}
