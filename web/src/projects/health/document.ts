/** What the health check of a dataset says, as `epochal check --json` and the server give it. */

export interface Place {
  image: string;
  box_xyxy: [number, number, number, number] | null;
}

export interface HealthFinding {
  id: string;
  count: number;
  examples: string[];
  action: "mended" | "skipped" | "refused" | "note";
  meaning: string;
  trigger: string;
  remedy: string;
  where: Place[];
}

export interface DuplicateGroup {
  is_identical: boolean;
  is_leak: boolean;
  images: { image: string; split: string | null }[];
}

/** [from, to, how many]; null for no limit. */
type Bin = [number | null, number | null, number];

interface Sizes {
  small: number;
  medium: number;
  large: number;
}

export interface HealthDocument {
  images: number;
  annotations: number;
  classes: string[];
  splits: Record<string, { images: number; annotations: number }>;
  labeling: { with_boxes: number; background: number; unlabelled: number };
  image_size: {
    mean_wh: [number, number];
    median_wh: [number, number];
    median_aspect_ratio: number;
    frequent: { image_wh: [number, number]; images: number }[];
    tall: number;
    square: number;
    wide: number;
    aspect_ratio: Bin[];
    megapixels: Bin[];
  };
  class_balance: Record<string, Record<string, { images: number; annotations: number }>>;
  objects_per_image: [number, number][];
  box_size: Sizes & { by_class: Record<string, Sizes>; share_quantiles: Record<string, number> };
  heatmap: number[][];
  heatmaps: Record<string, number[][]>;
  findings: HealthFinding[];
  groups: DuplicateGroup[];
  notes: string[];
  /** {name of an image that a finding or group names: its id}. */
  image_ids: Record<string, string>;
}

/** What was noticed, the worst first: leaks, then what was refused or skipped, then the rest by count. */
export function sortFindings(findings: HealthFinding[]): HealthFinding[] {
  const weight = ({ id, action }: HealthFinding): number =>
    id.includes("leak") ? 0 : action === "refused" ? 1 : action === "skipped" ? 2 : action === "mended" ? 4 : 3;
  return [...findings].sort((a, b) => weight(a) - weight(b) || b.count - a.count);
}

/** "zero_area_box" as a person reads it. */
export function titleOf(id: string): string {
  const words = id.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A bin in words, such as "0.95–1.05", "under 0.33", "over 3". */
export function describeBin([low, high]: Bin): string {
  if (low === null) return `under ${high}`;
  return high === null ? `over ${low}` : `${low}–${high}`;
}

/** Objects per image in at most `most` bars; the last one holds all that is above. */
export function groupObjects(pairs: [number, number][], most = 16): { label: string; count: number }[] {
  const top = Math.max(0, ...pairs.map(([objects]) => objects));
  const width = Math.max(1, Math.ceil((top + 1) / most));
  const bars = Array.from({ length: Math.ceil((top + 1) / width) }, (_, i) => ({
    label: width === 1 ? String(i) : `${i * width}–${(i + 1) * width - 1}`,
    count: 0,
  }));
  for (const [objects, images] of pairs) {
    const bar = bars[Math.floor(objects / width)];
    if (bar) bar.count += images;
  }
  return bars;
}

const ORDER = ["train", "val", "test"];

/** The images that leak: those of an earlier split than the last one that their group stands in. Test stays whole. */
export function leakedImages(groups: DuplicateGroup[]): string[] {
  return groups
    .filter((group) => group.is_leak)
    .flatMap((group) => {
      const last = Math.max(...group.images.map(({ split }) => ORDER.indexOf(split ?? "")));
      return group.images
        .filter(({ split }) => split !== null && ORDER.indexOf(split) < last)
        .map(({ image }) => image);
    });
}
