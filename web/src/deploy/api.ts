/** Models at work over HTTP. */
import type { Task } from "../projects/api";
import { ApiError, ask, errorMessage } from "../server/ask";

export interface Model {
  id: string;
  slug: string;
  name: string;
  model_type: string;
  can_run: boolean;
  /** Why it cannot be run here. */
  message: string;
  files: string[];
  classes: string[];
  image_size_px: number | null;
  metrics: Record<string, number>;
  created_at: number;
  /** It answers for its version, when that is asked by its number. */
  answers: boolean;
}

export interface Prediction {
  class_name: string;
  class_id: number;
  confidence: number;
  box_xyxy: [number, number, number, number];
}

export interface ImageAnswer {
  image_wh: [number, number];
  predictions: Prediction[];
}

export interface Stats {
  requests: number;
  errors: number;
  images: number;
  detections: number;
  confidence: number | null;
  latency_ms: number | null;
  latency_p50_ms: number | null;
  latency_p95_ms: number | null;
  latency_p99_ms: number | null;
  classes: Record<string, number>;
}

export interface InferenceStats {
  models: { model: string; stats: Stats }[];
  spans: { start: number; stats: Stats }[];
}

export interface ActiveLearning {
  config: Record<string, unknown>;
  kept: Record<string, Record<string, number>>;
  since_start: Record<string, number>;
}

/** Let a model answer for its version, whatever is trained later; false: the newest again. */
export async function chooseModel(workspace: string, model: string, isChosen: boolean): Promise<Model> {
  return ask<Model>(modelUrl(workspace, model, "/deployment"), undefined, isChosen ? "PUT" : "DELETE");
}

export type ExportFormat = "torchscript" | "openvino" | "runtime";

function workspaceUrl(workspace: string, rest: string): string {
  return `api/workspaces/${encodeURIComponent(workspace)}${rest}`;
}

export function modelUrl(workspace: string, model: string, rest = ""): string {
  return workspaceUrl(workspace, `/models/${encodeURIComponent(model)}${rest}`);
}

/** The models of a project; of the whole workspace when none is named. */
export async function getModels(workspace: string, project?: string): Promise<Model[]> {
  const query = project === undefined ? "" : `?project=${encodeURIComponent(project)}`;
  return (await ask<{ models: Model[] }>(workspaceUrl(workspace, `/models${query}`))).models;
}

/** The boxes on one image, in base64, from a low confidence on: what is shown of them is chosen in the browser. */
export async function infer(workspace: string, model: string, base64: string, overlap: number): Promise<ImageAnswer> {
  const body = { images: [{ base64 }], confidence: LOWEST_CONFIDENCE, overlap, collect: false };
  const answer = await ask<{ images: ImageAnswer[] }>(modelUrl(workspace, model, "/infer"), body);
  return answer.images[0] ?? { image_wh: [1, 1], predictions: [] };
}

/** A picture that the browser cannot decode, as a JPEG; nothing of it is kept. */
export async function askForDrawable(file: Blob): Promise<Blob> {
  const headers = { "Content-Type": "application/octet-stream" };
  const answer = await fetch("api/drawable", { method: "POST", body: file, headers });
  if (!answer.ok) throw new ApiError(await errorMessage(answer), answer.status);
  return answer.blob();
}

export const LOWEST_CONFIDENCE = 0.05;

export async function getStats(workspace: string, model: string, minutes: number): Promise<InferenceStats> {
  const query = `?minutes=${minutes}&spans=60&model=${encodeURIComponent(model)}`;
  return ask<InferenceStats>(workspaceUrl(workspace, `/inference-stats${query}`));
}

/** Begins to make a form of a model; the same again finds the task that does it. */
export async function exportModel(workspace: string, model: string, format: ExportFormat): Promise<Task> {
  return ask<Task>(modelUrl(workspace, model, "/exports"), { format });
}

function rulesUrl(workspace: string, project: string): string {
  return workspaceUrl(workspace, `/projects/${encodeURIComponent(project)}/active-learning`);
}

export async function getRules(workspace: string, project: string): Promise<ActiveLearning> {
  return ask<ActiveLearning>(rulesUrl(workspace, project));
}

export async function saveRules(workspace: string, project: string, config: object): Promise<ActiveLearning> {
  return ask<ActiveLearning>(rulesUrl(workspace, project), { config }, "PUT");
}
