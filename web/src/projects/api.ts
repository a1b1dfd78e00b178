/** Projects and their images over HTTP. */
import { ApiError, ask } from "../server/api";
import type { HealthDocument } from "./health/document";

export interface ProjectClass {
  class_id: number;
  name: string;
  color: string;
  boxes: number;
}

export interface Project {
  id: string;
  slug: string;
  name: string;
  annotation_group: string;
  license: string;
  description: string;
  is_public: boolean;
  is_featured: boolean;
  /** Of a clone: where it is from. */
  cloned_from: { workspace: string; project: string; license: string } | null;
  updated_at: number;
  deleted_at: number | null;
  images: number;
  in_dataset: number;
  unannotated: number;
  splits: Record<string, number>;
  classes: ProjectClass[];
}

export interface ProjectImage {
  id: string;
  name: string;
  image_wh: [number, number];
  split: "train" | "val" | "test" | null;
  in_dataset: boolean;
  is_labelled: boolean;
  batch_id: string | null;
  job_id: string | null;
  tags: string[];
  created_at: number;
  labels: Record<string, number>;
  drafts: number;
}

export interface ImagePage {
  images: ProjectImage[];
  total: number;
  cursor: string | null;
}

interface ImageBox {
  class_name: string;
  box_xyxy: [number, number, number, number];
  is_draft: boolean;
  confidence: number | null;
}

export interface Batch {
  id: string;
  name: string;
  source: string;
  images: number;
  unannotated: number;
}

export interface ImageQuery {
  query: string;
  split: string;
  class_name: string;
  batch: string;
  is_labelled: string;
}

export interface Task {
  id: string;
  state: "waiting" | "pending" | "running" | "completed" | "failed";
  done: number;
  total: number | null;
  result: Record<string, unknown> | null;
  message: string;
}

export function projectUrl(workspace: string, project: string, rest = ""): string {
  return `api/workspaces/${encodeURIComponent(workspace)}/projects/${encodeURIComponent(project)}${rest}`;
}

export function imageUrl(
  workspace: string,
  project: string,
  id: string,
  kind: "file" | "thumbnail" | "drawable",
): string {
  return projectUrl(workspace, project, `/images/${encodeURIComponent(id)}/${kind}`);
}

export async function getProjects(workspace: string): Promise<Project[]> {
  return (await ask<{ projects: Project[] }>(`api/workspaces/${encodeURIComponent(workspace)}/projects`)).projects;
}

export async function getProject(workspace: string, project: string): Promise<Project> {
  return ask<Project>(projectUrl(workspace, project));
}

export async function makeProject(workspace: string, name: string, annotationGroup: string): Promise<Project> {
  const url = `api/workspaces/${encodeURIComponent(workspace)}/projects`;
  return ask<Project>(url, { name, annotation_group: annotationGroup || "objects" });
}

export type ProjectChange = Partial<
  Pick<Project, "name" | "annotation_group" | "license" | "description" | "is_public">
>;

export async function changeProject(workspace: string, project: string, change: ProjectChange): Promise<Project> {
  return ask<Project>(projectUrl(workspace, project), change, "PATCH");
}

export async function trashProject(workspace: string, project: string): Promise<Project> {
  return ask<Project>(projectUrl(workspace, project), undefined, "DELETE");
}

export async function getHealth(workspace: string, project: string, lookAlikes: boolean): Promise<HealthDocument> {
  return ask<HealthDocument>(projectUrl(workspace, project, `/health?near_duplicates=${lookAlikes}`));
}

/** A page of images; filters that are empty are left out. */
export async function getImages(
  workspace: string,
  project: string,
  filters: ImageQuery,
  cursor: string | null,
): Promise<ImagePage> {
  const query = new URLSearchParams({ limit: "60" });
  for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value as string);
  if (cursor) query.set("cursor", cursor);
  return ask<ImagePage>(projectUrl(workspace, project, `/images?${query.toString()}`));
}

export async function getBatches(workspace: string, project: string): Promise<Batch[]> {
  return (await ask<{ batches: Batch[] }>(projectUrl(workspace, project, "/batches"))).batches;
}

export async function getBoxes(workspace: string, project: string, image: string): Promise<ImageBox[]> {
  const url = projectUrl(workspace, project, `/images/${encodeURIComponent(image)}/annotations`);
  return (await ask<{ boxes: ImageBox[] }>(url)).boxes;
}

export async function acceptDrafts(workspace: string, project: string, image: string): Promise<ImageBox[]> {
  const url = projectUrl(workspace, project, `/images/${encodeURIComponent(image)}/annotations/accept`);
  return (await ask<{ boxes: ImageBox[] }>(url, {})).boxes;
}

export async function trashImages(workspace: string, project: string, ids: string[]): Promise<void> {
  await ask(projectUrl(workspace, project, "/images/delete"), { ids });
}

/** Send one picture; one that is there already is found again. */
export async function uploadPicture(workspace: string, project: string, file: File, batch: string): Promise<boolean> {
  const form = new FormData();
  form.set("file", file);
  form.set("batch", batch);
  form.set("split", ""); // not said: a version then draws test images too, which all in train would leave out
  const answer = await send(projectUrl(workspace, project, "/images"), form);
  return ((await answer.json()) as { is_duplicate: boolean }).is_duplicate;
}

/** Send a zip of images and annotations; it is unpacked in the background. */
export async function uploadZip(workspace: string, project: string, file: File, batch: string): Promise<Task> {
  const query = new URLSearchParams({ batch });
  return (await send(projectUrl(workspace, project, `/uploads/zip?${query.toString()}`), file)).json() as Promise<Task>;
}

const LOOK_MS = 700;

/** Follow a task to its end; throws with the server's sentence when it failed. */
export async function followTask(workspace: string, begun: Task, tell: (task: Task) => void): Promise<void> {
  let task = begun;
  while (task.state !== "completed" && task.state !== "failed") {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    task = await getTask(workspace, task.id);
    tell(task);
  }
  if (task.state === "failed") throw new Error(task.message);
}

export async function getTask(workspace: string, id: string): Promise<Task> {
  return ask<Task>(`api/workspaces/${encodeURIComponent(workspace)}/tasks/${encodeURIComponent(id)}`);
}

async function send(url: string, body: FormData | File): Promise<Response> {
  let answer: Response;
  const headers: HeadersInit = body instanceof File ? { "Content-Type": "application/zip" } : {};
  try {
    answer = await fetch(url, { method: "POST", body, headers });
  } catch {
    throw new ApiError("The server does not answer, or the connection broke.", 0);
  }
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => null)) as { error?: { message?: string } } | null;
  throw new ApiError(told?.error?.message ?? `The server answered ${answer.status}.`, answer.status);
}
