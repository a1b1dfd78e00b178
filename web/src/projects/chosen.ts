/** What a person dropped or chose for upload, sorted into what goes alone and what goes as one zip. */
import type { Packed } from "./zip";

const ANNOTATION = /\.(xml|txt|json|jsonl|csv|tsv|ya?ml|names|data|manifest|ndjson|vott)$/i;
const ZIP = /\.zip$/i;
/** What file managers leave in folders, and nobody means to send. */
const STRAY = /^(\..*|thumbs\.db|desktop\.ini|__macosx)$/i;

export const ACCEPTED = "image/*,.zip,.xml,.txt,.json,.jsonl,.csv,.tsv,.yaml,.yml,.names,.data";

export interface Chosen {
  path: string;
  file: File;
}

/** With annotations among them, images go with those as one zip: only together they say which boxes are whose. */
export function sortChosen(all: Chosen[]): { alone: File[]; together: Packed[] } {
  const meant = all.filter(({ path }) => !path.split("/").some((part) => STRAY.test(part)));
  const zips = meant.filter(({ path }) => ZIP.test(path));
  const others = meant.filter(({ path }) => !ZIP.test(path));
  const hasAnnotations = others.some(({ path }) => ANNOTATION.test(path));
  const alone = (hasAnnotations ? zips : meant).map(({ file }) => file);
  return { alone, together: hasAnnotations ? others : [] };
}

export function chosenOf(files: FileList | null): Chosen[] {
  return [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** What was dropped, folders with all that is in them. */
export async function droppedOf(dropped: DataTransfer): Promise<Chosen[]> {
  // Both lists are empty after the first wait.
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files = chosenOf(dropped.files);
  if (entries.length === 0) return files;
  return (await Promise.all(entries.map(walk))).flat();
}

async function walk(entry: FileSystemEntry): Promise<Chosen[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Chosen[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and none when it is at its end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(walk))).flat());
  }
}
