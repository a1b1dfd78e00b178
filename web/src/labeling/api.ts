/** Label assist over HTTP: a model's boxes as drafts, and what becomes of them. */
import { projectUrl } from "../projects/api";
import { ask } from "../server/api";

export interface Assist {
  id: string;
  model_id: string;
  batch_id: string | null;
  state: "running" | "finished" | "failed" | "cancelled";
  message: string;
  images: number;
  done: number;
  boxes: number;
  created_at: number;
  ended_at: number | null;
}

export interface AssistRequest {
  model: string;
  batch: string | null;
  confidence: number;
  overlap: number;
  thresholds: Record<string, number>;
  classes: Record<string, string | null>;
}

interface ReviewRequest {
  decision: "accept" | "reject";
  batch: string | null;
  least_confidence: number;
  joins_dataset: boolean;
}

interface Reviewed {
  images: number;
  accepted: number;
  rejected: number;
}

export async function getAssists(workspace: string, project: string): Promise<Assist[]> {
  return (await ask<{ assists: Assist[] }>(projectUrl(workspace, project, "/label-assists"))).assists;
}

export async function startAssist(workspace: string, project: string, request: AssistRequest): Promise<Assist> {
  return ask<Assist>(projectUrl(workspace, project, "/label-assists"), request);
}

export async function cancelAssist(workspace: string, project: string, id: string): Promise<Assist> {
  return ask<Assist>(projectUrl(workspace, project, `/label-assists/${encodeURIComponent(id)}/cancel`), {});
}

export async function reviewDrafts(workspace: string, project: string, request: ReviewRequest): Promise<Reviewed> {
  return ask<Reviewed>(projectUrl(workspace, project, "/drafts/review"), request);
}
