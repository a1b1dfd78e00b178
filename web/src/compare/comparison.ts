/** Several runs beside each other: the `comparison` of a document, and the lines that are drawn of it. Pure. */
import { nearestIndex } from "../graphs/alignment";
import type { Best, GraphDocument, Values } from "../graphs/document";
import { own, shownEpoch } from "../graphs/document";
import { elapsedSeconds } from "../graphs/frame";
import type { Axis } from "../graphs/frame";
import type { Dash, Line } from "../graphs/panels";
import { groupOf, isBound, MAP50_95, titleOf } from "../graphs/panels";
import { formatFraction } from "../ui/format";

/** Repeats: runs with the same settings but for the seed. */
interface RepeatGroup {
  runs: number[];
  name: string;
  epochs: number[];
  series: Record<string, { mean: Values; low: Values; high: Values }>;
  best: { mean: number; sd: number; runs: number } | null;
  sentence: string;
}

/** A run against the first; the last fields only where both kept which boxes matched. */
export interface PairedDifference {
  first: number;
  second: number;
  difference: number | null;
  sentence: string;
  method: "paired_bootstrap" | "numbers";
  images?: number;
  resamples?: number;
  low?: number | null;
  high?: number | null;
  chance_second_better?: number | null;
  is_real?: boolean | null;
}

export interface Comparison {
  metric: string;
  runs: { name: string; epochs: number; best: Best | null }[];
  groups: RepeatGroup[];
  pairs: PairedDifference[];
  recipes: { field: string; differs: boolean; values: unknown[] }[];
}

/** A run, or the mean of repeats, with the points of its own that are drawn. */
export interface OverlayLine extends Line {
  isMean: boolean;
  x: number[];
  y: Values;
  low?: Values;
  high?: Values;
}

const GROUPS = ["metrics", "losses", "lr", "class"];
const DASHES: Dash[] = ["solid", "dashed", "dotted"];

/** Fills in what may be left out: a report of several runs need not carry a comparison. */
export function readComparison(json: unknown): Comparison {
  const found = (json ?? {}) as Partial<Comparison>;
  return {
    metric: found.metric ?? MAP50_95,
    runs: found.runs ?? [],
    groups: found.groups ?? [],
    pairs: found.pairs ?? [],
    recipes: found.recipes ?? [],
  };
}

/** Series that can be compared: metrics, losses, learning rate, classes; those that most runs have come first. */
export function comparableSeries(documents: GraphDocument[]): { key: string; title: string }[] {
  const found = new Map<string, { title: string; group: number; runs: number }>();
  for (const doc of documents) {
    for (const key of Object.keys(doc.series)) {
      const group = GROUPS.indexOf(groupOf(doc, key));
      if (group < 0 || isBound(key)) continue;
      const known = found.get(key);
      if (known) known.runs++;
      else found.set(key, { title: titleOf(doc, key), group, runs: 1 });
    }
  }
  return [...found]
    .sort(([, a], [, b]) => a.group - b.group || b.runs - a.runs)
    .map(([key, { title, runs }]) => ({
      key,
      title: runs < documents.length ? `${title} (${runs} of ${documents.length} runs)` : title,
    }));
}

/** Where the points of a run stand: its epochs, its seconds, or which part of its schedule is done; null: not known. */
export function positions(doc: GraphDocument, along: Axis): number[] | null {
  if (along === "time") return elapsedSeconds(doc);
  const shown = doc.epochs.map((epoch) => shownEpoch(doc, epoch));
  if (along === "epoch") return shown;
  const planned = doc.epochs_planned ?? shown.at(-1) ?? 1;
  return shown.map((epoch) => epoch / planned);
}

/** One line a run, and for repeats their mean with its band; a run without the series or the axis has none. */
export function overlayLines(
  documents: GraphDocument[],
  comparison: Comparison,
  metric: string,
  along: Axis,
): OverlayLine[] {
  const groups = comparison.groups.filter((group) => group.runs.every((run) => documents[run]));
  const lines: OverlayLine[] = [];
  let hues = 0;
  const hueOfGroup = new Map<RepeatGroup, number>();
  documents.forEach((doc, run) => {
    const group = groups.find((one) => one.runs.includes(run));
    const at = group ? (hueOfGroup.get(group) ?? hues++) : hues++;
    if (group) hueOfGroup.set(group, at);
    const [x, y] = [positions(doc, along), own(doc.series, metric)];
    if (!x || !y) return;
    const turn = group ? 1 + group.runs.indexOf(run) : Math.floor(at / 7);
    lines.push({
      key: runKey(run),
      title: doc.name,
      hue: (at % 7) + 1,
      dash: DASHES[turn % 3] ?? "solid",
      width: group ? 1.25 : 2, // repeats are thin beside their mean
      isMean: false,
      x,
      y,
    });
  });
  return [...lines, ...meanLines(documents, groups, hueOfGroup, metric, along)];
}

export function runKey(run: number): string {
  return `run${run}`;
}

/** By time there is no mean: repeats are epochs apart there, and a mean of different epochs says nothing. */
function meanLines(
  documents: GraphDocument[],
  groups: RepeatGroup[],
  hues: Map<RepeatGroup, number>,
  metric: string,
  along: Axis,
): OverlayLine[] {
  if (along === "time") return [];
  return groups.flatMap((group, i) => {
    const doc = documents[group.runs[0] ?? 0];
    const series = own(group.series, metric);
    if (!doc || !series) return [];
    const x = positions({ ...doc, epochs: group.epochs }, along) ?? [];
    return {
      key: `mean${i}`,
      title: `mean of ${group.runs.length} repeats`,
      hue: ((hues.get(group) ?? 0) % 7) + 1,
      dash: "solid" as const,
      width: 2.5,
      isMean: true,
      x,
      y: series.mean,
      low: series.low,
      high: series.high,
    };
  });
}

/** The value of a line nearest to x; null beyond its ends and in a gap. */
export function valueAt({ x: xs, y }: OverlayLine, x: number): number | null {
  const [first, last] = [xs[0], xs.at(-1)];
  if (first === undefined || last === undefined || x < first || x > last) return null;
  return y[nearestIndex(xs, x)] ?? null;
}

/** How a difference was found, in words that need no other sentence. */
export function describeMethod(pair: PairedDifference, documents: GraphDocument[]): string {
  const { images, resamples, low, high, chance_second_better: chance } = pair;
  if (pair.method === "numbers") return "By the best value of each run alone.";
  const [one, two] = [documents[pair.first]?.name ?? "the first", documents[pair.second]?.name ?? "the second"];
  const [split, other] = [pair.first, pair.second].map((run) => documents[run]?.evaluation?.split);
  const where =
    split && split === other ? `By the final evaluation on ${split}, not by the graph` : "By the final evaluation";
  const range =
    low == null || high == null
      ? ""
      : ` mAP_0.5:0.95 of ${two} less that of ${one}: ${signed(low)} to ${signed(high)} (95 %).`;
  const odds = chance == null ? "" : ` ${two} is better in ${Math.round(chance * 100)} % of the resamples.`;
  return `${where}: paired bootstrap, the same ${images} images for both, ${resamples} resamples.${range}${odds}`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${formatFraction(Math.abs(value))}`;
}
