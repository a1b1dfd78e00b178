/** What a person chose to look at. It lives behind the # of the address, so that a link reproduces the view. */
import type { EvaluationView } from "../evaluation/view";
import { DEFAULT_EVALUATION, readEvaluation, writeEvaluation } from "../evaluation/view";
import type { Axis } from "./frame";
import { CONFIDENCE } from "./panels";

export interface View {
  axis: "epoch" | "time";
  /** Weight of the smoothing, 0 for none. */
  smooth: number;
  isLog: boolean;
  hidden: string[];
  showClasses: boolean;
  showLr: boolean;
  /** Classes in the per-class panel; null for the page's own choice. */
  classes: string[] | null;
  iou: "0.5" | "0.5:0.95";
  /** Shown part of the x axis, in its unit; null for all. */
  zoom: [number, number] | null;
  /** Which run of several. */
  run: number;
  /** Of the graph of several runs. */
  compare: CompareView;
  evaluation: EvaluationView;
}

export interface CompareView {
  /** The series; null for the mAP. */
  metric: string | null;
  along: Axis;
  smooth: number;
  isLog: boolean;
  zoom: [number, number] | null;
  /** Keys of lines that are not drawn. */
  hidden: string[];
}

export const DEFAULT_VIEW: View = {
  axis: "epoch",
  smooth: 0,
  isLog: false,
  hidden: [CONFIDENCE],
  showClasses: false,
  showLr: false,
  classes: null,
  iou: "0.5:0.95",
  zoom: null,
  run: 0,
  compare: { metric: null, along: "epoch", smooth: 0, isLog: false, zoom: null, hidden: [] },
  evaluation: DEFAULT_EVALUATION,
};

export interface Address {
  /** Such as "/runs/bccd-1"; empty in a report. */
  path: string;
  view: View;
}

export function parseAddress(hash: string): Address {
  const [path = "", query = ""] = splitOnce(hash.replace(/^#/, ""), "?");
  const params = new URLSearchParams(query);
  return {
    path,
    view: {
      axis: params.get("x") === "time" ? "time" : "epoch",
      smooth: readWeight(params.get("smooth")),
      isLog: params.has("log"),
      hidden: params.has("hide") ? params.getAll("hide").filter((key) => key !== "") : DEFAULT_VIEW.hidden,
      showClasses: params.has("classes"),
      showLr: params.has("lr"),
      classes: params.has("class") ? params.getAll("class").filter((name) => name !== "") : null,
      iou: params.get("iou") === "0.5" ? "0.5" : "0.5:0.95",
      zoom: readRange(params.get("zoom")),
      compare: {
        metric: params.get("metric"),
        along: oneOf(params.get("along"), ["epoch", "time", "share"]),
        smooth: readWeight(params.get("smooth-runs")),
        isLog: params.has("log-runs"),
        zoom: readRange(params.get("zoom-runs")),
        hidden: params.getAll("off"),
      },
      evaluation: readEvaluation(params),
      run: Math.max(0, Math.floor(Number(params.get("run") ?? 0)) || 0),
    },
  };
}

/** The shortest address of a view: only what differs from the default is written. */
export function formatAddress({ path, view }: Address): string {
  const params = new URLSearchParams();
  if (view.axis === "time") params.set("x", "time");
  if (view.smooth > 0) params.set("smooth", String(view.smooth));
  if (view.isLog) params.set("log", "1");
  if (view.hidden.join("\n") !== DEFAULT_VIEW.hidden.join("\n")) appendAll(params, "hide", view.hidden);
  if (view.showClasses) params.set("classes", "1");
  if (view.showLr) params.set("lr", "1");
  if (view.classes) appendAll(params, "class", view.classes);
  if (view.iou === "0.5") params.set("iou", "0.5");
  if (view.zoom) params.set("zoom", formatRange(view.zoom));
  if (view.run > 0) params.set("run", String(view.run));
  writeCompare(params, view.compare);
  writeEvaluation(params, view.evaluation);
  const query = params.toString();
  return query ? `#${path}?${query}` : `#${path}`;
}

function writeCompare(params: URLSearchParams, { metric, along, smooth, isLog, zoom, hidden }: CompareView): void {
  if (metric !== null) params.set("metric", metric);
  if (along !== "epoch") params.set("along", along);
  if (smooth > 0) params.set("smooth-runs", String(smooth));
  if (isLog) params.set("log-runs", "1");
  if (zoom) params.set("zoom-runs", formatRange(zoom));
  for (const key of hidden) params.append("off", key);
}

function readWeight(text: string | null): number {
  const weight = Number(text ?? 0);
  return weight > 0 && weight < 1 ? weight : 0;
}

function readRange(text: string | null): [number, number] | null {
  const [a = NaN, b = NaN] = (text ?? "").split("~").map(Number);
  return b > a ? [a, b] : null;
}

function formatRange(range: [number, number]): string {
  return range.map((x) => Number(x.toPrecision(6))).join("~");
}

/** The choice that the text names, else the first. */
function oneOf<T extends string>(text: string | null, choices: [T, ...T[]]): T {
  return choices.find((choice) => choice === text) ?? choices[0];
}

function appendAll(params: URLSearchParams, name: string, values: string[]): void {
  for (const value of values.length > 0 ? values : [""]) params.append(name, value);
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
