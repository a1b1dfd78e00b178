/** Labels that could not be saved, kept in the browser until somebody says what becomes of them: leaving a page loses nothing. */
import type { Box, Labels } from "./editing";

export interface Place {
  workspace: string;
  project: string;
  /** Its id and, to be told by, its name. */
  image: { id: string; name: string };
}

export interface Draft {
  /** Of the page that kept it. */
  id: string;
  labels: Labels;
  kept_at: number;
}

interface Kept {
  name: string;
  drafts: Draft[];
}

const PREFIX = "epochal-unsaved ";
const listeners = new Set<() => void>();
/** Where the browser keeps nothing for a page, or no more: then until the tab is closed, and that asks first. */
const memory = new Map<string, string>();

const prefixOf = (workspace: string, project: string): string => `${PREFIX}${workspace}/${project}/`;
const keyOf = ({ workspace, project, image }: Place): string => prefixOf(workspace, project) + image.id;

/** An id for a page that may have to keep something. */
export function newDraftId(): string {
  return `${Date.now()}-${Math.random()}`;
}

/** Keep labels, in the place of those that this page kept before; null: they are saved, or given up. */
export function keepDraft(place: Place, id: string, labels: Labels | null): void {
  const before = read(keyOf(place));
  const others = before.drafts.filter((one) => one.id !== id);
  if (!labels && others.length === before.drafts.length) return;
  const drafts = labels ? [...others, { id, labels, kept_at: Date.now() }] : others;
  write(keyOf(place), drafts.length ? JSON.stringify({ name: place.image.name, drafts }) : null);
  for (const listener of listeners) listener();
}

/** What is kept of an image and is not what the server has, the oldest first. */
export function draftsOf(place: Place, saved: Labels): Draft[] {
  return read(keyOf(place)).drafts.filter((one) => textOf(one.labels) !== textOf(saved));
}

/** The images of a project of which something is kept. */
export function keptImages(workspace: string, project: string): { id: string; name: string }[] {
  const prefix = prefixOf(workspace, project);
  const keys = [...new Set([...memory.keys(), ...storedKeys()])].filter((key) => key.startsWith(prefix)).sort();
  return keys.map((key) => ({ id: key.slice(prefix.length), name: read(key).name }));
}

export function onDraftsChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Boxes as they would be saved: digits that no save keeps do not count. */
function textOf({ boxes, isEmpty }: Labels): string {
  const line = (one: Box): unknown[] => [
    one.class_name,
    one.box_xyxy.map((value) => value.toFixed(1)),
    one.is_draft,
    one.is_crowd,
  ];
  return JSON.stringify([boxes.map(line), isEmpty && boxes.length === 0]);
}

function read(key: string): Kept {
  try {
    const text = memory.get(key) ?? localStorage.getItem(key);
    if (text) return JSON.parse(text) as Kept;
  } catch {
    // Storage is forbidden, or somebody wrote something else there.
  }
  return { name: "", drafts: [] };
}

function write(key: string, text: string | null): void {
  memory.delete(key);
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    if (text !== null) memory.set(key, text);
  }
}

function storedKeys(): string[] {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}
