/** Where pictures to try a model on come from: the images of a project, one's own or a public one. */
import type { ImagePage } from "../projects/api";
import { imageUrl, projectUrl } from "../projects/api";
import { ask } from "../server/api";

const JPEG = "image/jpeg";

interface FoundPictures {
  images: { id: string; name: string }[];
  total: number;
}

export interface PictureSource {
  /** Tells one source from another. */
  key: string;
  canSearch: boolean;
  find: (query: string, limit: number, offset: number) => Promise<FoundPictures>;
  thumbnailUrl: (id: string) => string;
  fileUrl: (id: string) => string;
  /** As a browser can draw it, whatever the file is. */
  drawableUrl: (id: string) => string;
}

export function projectPictures(workspace: string, project: string): PictureSource {
  return {
    key: `${workspace}/${project}`,
    canSearch: true,
    find: (query, limit, offset) => {
      const words = new URLSearchParams({ query, limit: String(limit), offset: String(offset) });
      return ask<ImagePage>(projectUrl(workspace, project, `/images?${words.toString()}`));
    },
    thumbnailUrl: (id) => imageUrl(workspace, project, id, "thumbnail"),
    fileUrl: (id) => imageUrl(workspace, project, id, "file"),
    drawableUrl: (id) => imageUrl(workspace, project, id, "drawable"),
  };
}

/** One image by chance; null when there is none. */
export async function pickRandom(
  source: PictureSource,
  query: string,
  random: () => number = Math.random,
): Promise<{ id: string; name: string } | null> {
  const { total } = await source.find(query, 1, 0);
  if (total === 0) return null;
  const found = await source.find(query, 1, Math.min(total - 1, Math.floor(random() * total)));
  return found.images[0] ?? null;
}

/** The file of an image, for the model, and what to draw of it; rejects with a sentence. */
export async function fetchPicture(source: PictureSource, id: string): Promise<{ file: Blob; drawable: Blob }> {
  const file = await fetchBlob(source.fileUrl(id));
  return { file, drawable: file.type === JPEG ? file : await fetchBlob(source.drawableUrl(id)) };
}

async function fetchBlob(url: string): Promise<Blob> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The image cannot be loaded; the server answered ${answer.status}.`);
  return answer.blob();
}
