/** Which series is drawn in which panel, in which hue and line style. Pure. */
import type { GraphDocument } from "./document";
import { own } from "./document";

type PanelId = "losses" | "metrics" | "classes" | "lr" | "runs";
export type Dash = "solid" | "dashed" | "dotted";

export interface Line {
  key: string;
  title: string;
  /** 1 to 8: the token `--series-N`. */
  hue: number;
  dash: Dash;
  width: number;
  /** Series keys of the interval around the line. */
  band?: { low: string; high: string };
}

export interface Panel {
  id: PanelId;
  title: string;
  /** What the y axis counts. */
  unit: string;
  lines: Line[];
  /** Fractions start at 0 and end at 1 at most. */
  isFraction: boolean;
  canLog: boolean;
}

export const MAP50 = "metrics/mAP_0.5";
export const MAP50_95 = "metrics/mAP_0.5:0.95";
export const CONFIDENCE = "metrics/confidence";
export const EPOCH_S = "time/epoch_s";

const CLASS_KEY = /^class\/(.*)\/AP_(0\.5(?::0\.95)?)$/s;
const LOSS_HUES: Record<string, number> = { box_loss: 1, cls_loss: 2, dfl_loss: 3, obj_loss: 3 };
const METRICS: Record<string, Omit<Line, "key" | "title">> = {
  [MAP50_95]: { hue: 1, dash: "solid", width: 2.25 },
  [MAP50]: { hue: 3, dash: "solid", width: 2.25 },
  "metrics/precision": { hue: 2, dash: "dashed", width: 1.5 },
  "metrics/recall": { hue: 4, dash: "dashed", width: 1.5 },
  [CONFIDENCE]: { hue: 8, dash: "dotted", width: 1.5 },
};

export function isBound(key: string): boolean {
  return key.endsWith("/low") || key.endsWith("/high");
}

export function classKey(name: string, iou: string): string {
  return `class/${name}/AP_${iou}`;
}

/** Splits a class key into the class and the overlap; null for other keys. */
export function parseClassKey(key: string): { name: string; iou: string } | null {
  const match = CLASS_KEY.exec(key);
  return match ? { name: match[1] ?? "", iou: match[2] ?? "" } : null;
}

/** Names of the classes that have a curve, in the order of the log. */
export function classNames(doc: GraphDocument, iou: string): string[] {
  return Object.keys(doc.series).flatMap((key) => {
    const parsed = parseClassKey(key);
    return parsed?.iou === iou ? [parsed.name] : [];
  });
}

export function groupOf(doc: GraphDocument, key: string): string {
  const defined = own(doc.definitions, key)?.group;
  if (defined) return defined;
  if (CLASS_KEY.test(key)) return "class";
  if (key.startsWith("metrics/")) return "metrics";
  if (/^(train|val)\/.*loss/.test(key)) return "losses";
  if (key === "lr" || key.startsWith("lr/")) return "lr";
  return key.startsWith("time/") ? "time" : "other";
}

export function titleOf(doc: GraphDocument, key: string): string {
  return own(doc.definitions, key)?.title ?? key.replace(/^metrics\//, "").replace("/", " ");
}

export function buildPanels(doc: GraphDocument, shownClasses: string[], iou: string): Panel[] {
  const keys = Object.keys(doc.series).filter((key) => !isBound(key) && hasValues(doc, key));
  const inGroup = (group: string): string[] => keys.filter((key) => groupOf(doc, key) === group);
  return [
    {
      id: "losses",
      title: "Losses",
      unit: "loss",
      lines: lossLines(doc, inGroup("losses")),
      isFraction: false,
      canLog: true,
    },
    {
      id: "metrics",
      title: "Metrics on val",
      unit: "0 to 1",
      lines: metricLines(doc, inGroup("metrics")),
      isFraction: true,
      canLog: false,
    },
    {
      id: "classes",
      title: `AP_${iou} per class`,
      unit: "0 to 1",
      lines: classLines(doc, shownClasses, iou),
      isFraction: true,
      canLog: false,
    },
    {
      id: "lr",
      title: "Learning rate",
      unit: "step size",
      lines: lrLines(doc, inGroup("lr")),
      isFraction: false,
      canLog: true,
    },
  ];
}

function hasValues(doc: GraphDocument, key: string): boolean {
  return (own(doc.series, key) ?? []).some((v) => v !== null) || doc.marks.some((mark) => mark.series === key);
}

/** One hue per kind of loss; train is dashed and val is solid, so that both are told apart without colour. */
function lossLines(doc: GraphDocument, keys: string[]): Line[] {
  const kinds = [...new Set(keys.map((key) => key.replace(/^(train|val)\//, "")))];
  let next = 4;
  const hues = new Map(kinds.map((kind) => [kind, own(LOSS_HUES, kind) ?? wrap(next++)]));
  return keys.map((key) => {
    const isVal = key.startsWith("val/");
    const hue = hues.get(key.replace(/^(train|val)\//, "")) ?? 8;
    return { key, title: titleOf(doc, key), hue, dash: isVal ? "solid" : "dashed", width: isVal ? 2.25 : 1.5 };
  });
}

function metricLines(doc: GraphDocument, keys: string[]): Line[] {
  let next = 5;
  const order = Object.keys(METRICS);
  const rank = (key: string): number => (order.indexOf(key) + 99) % 99;
  return [...keys]
    .sort((a, b) => rank(a) - rank(b))
    .map((key) => {
      const style = own(METRICS, key) ?? { hue: wrap(next++), dash: "dashed" as const, width: 1.5 };
      const band = { low: `${key}/low`, high: `${key}/high` };
      const hasBand = own(doc.series, band.low) !== undefined && own(doc.series, band.high) !== undefined;
      return { key, title: titleOf(doc, key), ...style, ...(hasBand ? { band } : {}) };
    });
}

function classLines(doc: GraphDocument, names: string[], iou: string): Line[] {
  const dashes: Dash[] = ["solid", "dashed", "dotted"];
  return names
    .filter((name) => own(doc.series, classKey(name, iou)) !== undefined)
    .map((name, i) => ({
      key: classKey(name, iou),
      title: name,
      hue: wrap(i + 1),
      dash: dashes[Math.floor(i / 7) % 3] ?? "solid",
      width: 1.75,
    }));
}

function lrLines(doc: GraphDocument, keys: string[]): Line[] {
  return keys.map((key, i) => ({
    key,
    title: titleOf(doc, key),
    hue: wrap(i + 1),
    dash: i === 0 ? "solid" : "dashed",
    width: 1.75,
  }));
}

/** Hue 8 is grey and kept for what is not a result. */
function wrap(n: number): number {
  return ((n - 1) % 7) + 1;
}
