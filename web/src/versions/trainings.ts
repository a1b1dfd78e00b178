/** Trainings of a version over HTTP. */
import { ask } from "../server/api";
import { versionsUrl } from "./api";

export interface Training {
  id: string;
  name: string;
  state: string;
  epoch: number;
  epochs: number | null;
  best: { epoch: number; value: number } | null;
  message: string;
  model: { id: string; slug: string } | null;
}

export interface TrainingOrder {
  model_type: string;
  epochs: number | null;
  image_size: number | null;
  start: { kind: "random" } | { kind: "training"; id: string };
}

export async function getTrainings(workspace: string, project: string, number: number): Promise<Training[]> {
  return (await ask<{ trainings: Training[] }>(versionsUrl(workspace, project, `/${number}/trainings`))).trainings;
}

export async function startTraining(
  workspace: string,
  project: string,
  number: number,
  order: TrainingOrder,
): Promise<Training> {
  return ask<Training>(versionsUrl(workspace, project, `/${number}/trainings`), order);
}
