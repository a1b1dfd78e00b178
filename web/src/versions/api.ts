/** Versions of a project over HTTP. */
import { ask } from "../server/api";

type VersionState = "generating" | "ready" | "failed" | "cancelled";
export type Steps = Record<string, unknown>;

export interface VersionSettings {
  preprocessing: Steps;
  augmentation: Steps;
  split: Steps;
  seed: number;
}

export interface Version {
  id: string;
  number: number;
  name: string;
  state: VersionState;
  /** Of its generation, 0 to 1. */
  progress: number;
  message: string;
  content_hash: string | null;
  images: number;
  splits: Record<string, { images: number; annotations: number }>;
  classes: string[];
  settings: VersionSettings;
  /** Seconds since 1970. */
  created_at: number;
}

export interface VersionExport {
  format: string;
  state: "running" | "ready" | "failed";
  progress: number;
  message: string;
  size_bytes: number | null;
}

export type FieldKind =
  | { kind: "flag" }
  | { kind: "number"; low: number; high: number; unit: string; whole: boolean; default: number | null }
  | { kind: "choice"; texts: string[] }
  | { kind: "names" }
  | { kind: "tags" };

export type StepKind = FieldKind | { kind: "group"; fields: Record<string, FieldKind> };

/** What a version can be made with: {section: {step: its fields}}. */
export type SettingsTable = Record<"preprocessing" | "augmentation" | "split", Record<string, StepKind>>;

/** Where the versions of a project are. */
export function versionsUrl(workspace: string, project: string, rest = ""): string {
  return `api/workspaces/${encodeURIComponent(workspace)}/projects/${encodeURIComponent(project)}/versions${rest}`;
}

export async function getSettingsTable(): Promise<SettingsTable> {
  return ask<SettingsTable>("api/version-settings");
}

export async function getVersions(workspace: string, project: string): Promise<Version[]> {
  return (await ask<{ versions: Version[] }>(versionsUrl(workspace, project))).versions;
}

export async function getVersion(workspace: string, project: string, number: number): Promise<Version> {
  return ask<Version>(versionsUrl(workspace, project, `/${number}`));
}

export async function makeVersion(
  workspace: string,
  project: string,
  name: string,
  settings: Partial<VersionSettings>,
): Promise<Version> {
  return ask<Version>(versionsUrl(workspace, project), { name, settings });
}

export async function cancelVersion(workspace: string, project: string, number: number): Promise<Version> {
  return ask<Version>(versionsUrl(workspace, project, `/${number}/cancel`), {});
}

/** Go on with one that was cancelled or failed. */
export async function resumeVersion(workspace: string, project: string, number: number): Promise<Version> {
  return ask<Version>(versionsUrl(workspace, project, `/${number}/resume`), {});
}

export async function deleteVersion(workspace: string, project: string, number: number): Promise<Version> {
  return ask<Version>(versionsUrl(workspace, project, `/${number}`), undefined, "DELETE");
}

export async function getExports(workspace: string, project: string, number: number): Promise<VersionExport[]> {
  return (await ask<{ exports: VersionExport[] }>(versionsUrl(workspace, project, `/${number}/exports`))).exports;
}

export async function startExport(
  workspace: string,
  project: string,
  number: number,
  format: string,
): Promise<VersionExport> {
  return ask<VersionExport>(versionsUrl(workspace, project, `/${number}/exports`), { format });
}

/**
 * A picture of some settings on an image of the project, which one being said by its id, else drawn by a number;
 * another number shows other variations.
 */
export function previewUrl(
  workspace: string,
  project: string,
  settings: VersionSettings,
  draw: number,
  image: string | null = null,
): string {
  const query = new URLSearchParams({ settings: JSON.stringify({ ...settings, seed: draw }), draw: String(draw) });
  if (image) query.set("image", image);
  return `api/workspaces/${encodeURIComponent(workspace)}/projects/${encodeURIComponent(project)}/version-preview?${query.toString()}`;
}

export function notebookUrl(workspace: string, project: string, number: number, kind: "train" | "download"): string {
  return versionsUrl(workspace, project, `/${number}/notebook?kind=${kind}`);
}
