/** Public projects of this server over HTTP. */
import type { ImageAnswer } from "../deploy/api";
import { LOWEST_CONFIDENCE } from "../deploy/api";
import type { PictureSource } from "../deploy/pictures";
import type { GraphDocument } from "../graphs/document";
import { readDocument } from "../graphs/document";
import type { ImagePage, Project, Task } from "../projects/api";
import { ApiError, ask } from "../server/api";
import { errorMessage } from "../server/ask";

export interface PublicProject {
  owner: string;
  owner_name: string;
  project: Project;
  /** The id of an image of its dataset. */
  cover: string | null;
}

export interface PublicModel {
  slug: string;
  name: string;
  model_type: string;
  classes: string[];
  metrics: Record<string, number>;
  training_id: string | null;
  /** The number of the version that it learned. */
  version: number | null;
  created_at: number;
}

export interface PublicVersion {
  number: number;
  name: string;
  images: number;
  splits: Record<string, { images: number; annotations: number }>;
  created_at: number;
  /** Preprocessing and augmentation, in sentences. */
  explanation: string[];
}

export interface PublicPage extends PublicProject {
  versions: PublicVersion[];
  models: PublicModel[];
  has_graph: boolean;
}

const PAGE = 48;

function publicUrl(owner: string, project: string, rest = ""): string {
  return `api/universe/${encodeURIComponent(owner)}/${encodeURIComponent(project)}${rest}`;
}

export async function searchUniverse(
  query: string,
  featured: boolean,
  offset: number,
): Promise<{ projects: PublicProject[]; total: number }> {
  const words = new URLSearchParams({ query, featured: String(featured), limit: String(PAGE), offset: String(offset) });
  return ask(`api/universe?${words.toString()}`);
}

export async function getPublic(owner: string, project: string): Promise<PublicPage> {
  return ask<PublicPage>(publicUrl(owner, project));
}

/** The training graph of a model; null: of the best one. */
export async function getPublicGraph(owner: string, project: string, model: string | null): Promise<GraphDocument> {
  const query = model === null ? "" : `?model=${encodeURIComponent(model)}`;
  return readDocument(await ask<unknown>(publicUrl(owner, project, `/graph${query}`)));
}

export async function getPublicImages(owner: string, project: string, cursor: string | null): Promise<ImagePage> {
  const words = new URLSearchParams({ limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
  return ask<ImagePage>(publicUrl(owner, project, `/images?${words.toString()}`));
}

type PublicForm = "thumbnail" | "drawn" | "drawable" | "file";

export function publicImageUrl(owner: string, project: string, id: string, form: PublicForm) {
  return publicUrl(owner, project, `/images/${encodeURIComponent(id)}/${form}`);
}

export function publicPictures(owner: string, project: string): PictureSource {
  return {
    key: `universe/${owner}/${project}`,
    canSearch: false,
    find: (_query, limit, offset) =>
      ask<ImagePage>(publicUrl(owner, project, `/images?limit=${limit}&offset=${offset}`)),
    thumbnailUrl: (id) => publicImageUrl(owner, project, id, "thumbnail"),
    fileUrl: (id) => publicImageUrl(owner, project, id, "file"),
    drawableUrl: (id) => publicImageUrl(owner, project, id, "drawable"),
  };
}

/** The boxes of a public model on one image, in base64; nothing of it is kept. */
export async function tryPublic(
  owner: string,
  project: string,
  model: string,
  base64: string,
  overlap: number,
): Promise<ImageAnswer> {
  const words = new URLSearchParams({ confidence: String(LOWEST_CONFIDENCE), overlap: String(overlap) });
  const url = publicUrl(owner, project, `/infer/${encodeURIComponent(model)}?${words.toString()}`);
  const body = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const answer = await fetch(url, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } });
  if (!answer.ok) throw new ApiError(await errorMessage(answer), answer.status);
  const { images } = (await answer.json()) as { images: ImageAnswer[] };
  return images[0] ?? { image_wh: [1, 1], predictions: [] };
}

export async function setFeatured(owner: string, project: string, isFeatured: boolean): Promise<PublicProject> {
  return ask<PublicProject>(publicUrl(owner, project, "/featured"), { is_featured: isFeatured }, "PUT");
}

export async function clonePublic(
  workspace: string,
  owner: string,
  project: string,
  name: string,
): Promise<{ project: Project; task: Task }> {
  return ask(`api/workspaces/${encodeURIComponent(workspace)}/universe/clone`, { owner, project, name });
}
