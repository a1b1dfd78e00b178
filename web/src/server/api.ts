/** The server's HTTP interface. Addresses are relative, so that the app works behind a path of a proxy. */
import type { Comparison } from "../compare/comparison";
import { readComparison } from "../compare/comparison";
import type { EvaluatedAccess } from "../evaluation/access";
import type { Best, GraphDocument } from "../graphs/document";
import { readPacked } from "../graphs/packed";
import { ask, askForBytes, errorMessage } from "./ask";

export { ApiError, ask } from "./ask";

export type RunState =
  "preparing" | "training" | "validating" | "evaluating" | "finished" | "stopped" | "failed" | "stalled" | "dead";

export interface RunSummary {
  id: string;
  name: string;
  state: RunState;
  epoch: number | null;
  epochs: number | null;
  best: Best | null;
  verdict: string | null;
  /** Seconds since 1970, by the server's clock. */
  updated_at: number;
  age_s: number;
  images_per_s: number | null;
  eta_s: number | null;
  message: string;
  dataset: string | null;
  model: string | null;
  spark?: (number | null)[];
  /** Whose training of which version it is; null: a run of the data folder. Only in the answer to one run. */
  training?: { workspace: string; project: string; version: number } | null;
}

export interface DatasetEntry {
  name: string;
  updated_at: number;
}

export interface TrainingForm {
  dataset: string;
  model: string;
  epochs: number | null;
  image_size: number | null;
  seed: number;
}

export function runUrl(id: string, rest = ""): string {
  return `api/runs/${encodeURIComponent(id)}${rest}`;
}

export function fileUrl(id: string, path: string): string {
  return runUrl(id, `/files/${path.split("/").map(encodeURIComponent).join("/")}`);
}

/** The runs of a workspace; of the server's first one when none is named. */
export async function getRuns(workspace?: string): Promise<RunSummary[]> {
  const url = workspace === undefined ? "api/runs" : `api/workspaces/${encodeURIComponent(workspace)}/runs`;
  return (await ask<{ runs: RunSummary[] }>(url)).runs;
}

export async function getRun(id: string): Promise<RunSummary> {
  return ask<RunSummary>(runUrl(id));
}

export async function getGraph(id: string): Promise<GraphDocument> {
  return readPacked(await askForBytes(runUrl(id, "/packed-graph")));
}

export async function getComparison(ids: string[]): Promise<Comparison> {
  const query = ids.map((id) => `run=${encodeURIComponent(id)}`).join("&");
  return readComparison(await ask<unknown>(`api/compare?${query}`));
}

/** The images on which a run was evaluated, for the evaluation's own page. */
export function evaluatedRun(id: string): EvaluatedAccess {
  return {
    fileUrl: (path) => fileUrl(id, path),
    pictureUrl: (split, image, sidePx) => runUrl(id, `/evaluated/${split}/images/${image}?side_px=${sidePx}`),
    whyNot,
    getConfusion: (split, confidence) => ask(runUrl(id, `/evaluated/${split}/confusion?confidence=${confidence}`)),
    getImages: (split, { confidence, cell, offset, limit }) => {
      const of = cell ? `&truth=${cell[0]}&prediction=${cell[1]}` : "";
      const query = `confidence=${confidence}${of}&offset=${offset}&limit=${limit}`;
      return ask(runUrl(id, `/evaluated/${split}/images?${query}`));
    },
  };
}

/** Why an address does not give a picture, as the server says it. */
async function whyNot(url: string): Promise<string> {
  try {
    const answer = await fetch(url);
    return answer.ok ? "The picture came, but cannot be drawn." : await errorMessage(answer);
  } catch {
    return "The server does not answer.";
  }
}

export async function getDatasets(): Promise<DatasetEntry[]> {
  return (await ask<{ datasets: DatasetEntry[] }>("api/datasets")).datasets;
}

export async function stopRun(id: string, when: "epoch" | "now"): Promise<RunSummary> {
  return ask<RunSummary>(runUrl(id, "/stop"), { when });
}

export async function resumeRun(id: string): Promise<RunSummary> {
  return ask<RunSummary>(runUrl(id, "/resume"), {});
}

export async function startTraining(form: TrainingForm): Promise<RunSummary> {
  return ask<RunSummary>("api/trainings", form);
}
