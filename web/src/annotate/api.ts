/** Labels of one image over HTTP, as the page that draws them needs them. */
import type { ImageQuery, ProjectImage } from "../projects/api";
import { projectUrl } from "../projects/api";
import { ask } from "../server/api";
import type { Box, Labels } from "./editing";

export interface ImageLabels {
  boxes: Box[];
  is_labelled: boolean;
  /** What to save changes against. */
  revision: string;
}

export interface Neighbours {
  before: string | null;
  after: string | null;
}

const DIGITS = 100;

function imageUrl(workspace: string, project: string, image: string, rest = ""): string {
  return projectUrl(workspace, project, `/images/${encodeURIComponent(image)}${rest}`);
}

export async function getImage(workspace: string, project: string, image: string): Promise<ProjectImage> {
  return ask<ProjectImage>(imageUrl(workspace, project, image));
}

export async function getLabels(workspace: string, project: string, image: string): Promise<ImageLabels> {
  return ask<ImageLabels>(imageUrl(workspace, project, image, "/annotations"));
}

/** Save against a revision; null: over whatever is there. Gives the new revision. */
export async function saveLabels(
  workspace: string,
  project: string,
  image: ProjectImage,
  labels: Labels,
  expects: string | null,
): Promise<string> {
  const body = {
    boxes: labels.boxes.map(({ class_name, box_xyxy, confidence, is_draft, is_crowd }) => ({
      class_name,
      box_xyxy: box_xyxy.map((value) => Math.round(value * DIGITS) / DIGITS),
      confidence,
      is_draft,
      is_crowd,
    })),
    expects,
    is_unlabelled_when_empty: !labels.isEmpty,
    // What is in somebody's job goes through its review first.
    joins_dataset: image.job_id === null,
  };
  return (await ask<ImageLabels>(imageUrl(workspace, project, image.id, "/annotations"), body, "PUT")).revision;
}

export async function getNeighbours(
  workspace: string,
  project: string,
  image: string,
  filters: string,
): Promise<Neighbours> {
  return ask<Neighbours>(imageUrl(workspace, project, image, `/neighbours?${filters}`));
}

/** Filters of a list of images as a word for an address; empty for all. */
export function filterWord(filters: ImageQuery): string {
  return new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
}
