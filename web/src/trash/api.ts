/** The trash of a workspace over HTTP. */
import { ask } from "../server/api";

export type TrashKind = "project" | "version" | "training" | "model" | "image";

export interface Trashed {
  kind: TrashKind;
  id: string;
  name: string;
  project: string | null;
  about: string;
  /** Seconds since 1970. */
  deleted_at: number;
  /** Removed for good from then on; null: kept, `about` says why. */
  goes_at: number | null;
}

export interface TrashPage {
  items: Trashed[];
  counts: Record<TrashKind, number>;
}

function url(workspace: string, rest: string): string {
  return `api/workspaces/${encodeURIComponent(workspace)}/trash${rest}`;
}

export async function getTrashed(workspace: string, kind: TrashKind, offset: number): Promise<TrashPage> {
  return ask<TrashPage>(url(workspace, `?kind=${kind}&limit=100&offset=${offset}`));
}

export async function restoreTrashed(workspace: string, kind: TrashKind, ids: string[]): Promise<void> {
  await ask(url(workspace, "/restore"), { kind, ids });
}
