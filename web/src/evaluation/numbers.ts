/** The numbers of evaluation.json. See ARCHITECTURE.md. */

export interface Curves {
  confidence: number[];
  precision: (number | null)[];
  recall: (number | null)[];
  pr: { recall: number[]; precision: (number | null)[] };
}

export type Beta = "0.5" | "1" | "2";

/** Of one class; without a recall axis of its own it has that of the mean. */
interface ClassCurves {
  precision: (number | null)[];
  recall: (number | null)[];
  pr: { recall?: number[]; precision: (number | null)[] };
}

export interface ClassNumbers {
  annotations: number;
  "AP_0.5": number | null;
  "AP_0.5:0.95": number | null;
  precision: number | null;
  recall: number | null;
}

export interface ExampleBox {
  box_xyxy: [number, number, number, number];
  class_name: string;
  confidence?: number;
  /** Whether it lies in the cell of the confusion matrix that was asked for. */
  in_cell?: boolean;
}

/** An image of the evaluation, with all its boxes. */
export interface EvaluatedImage {
  /** Its number in the evaluation. */
  image?: number;
  file_name: string;
  image_wh: [number, number];
  ground_truth: ExampleBox[];
  predictions: ExampleBox[];
}

export interface Example extends EvaluatedImage {
  /** Below the run folder. */
  path: string;
  /** The image itself as a data URL; in reports. */
  url?: string;
  /** There for its suspicious labels, not as an example. */
  is_suspect?: boolean;
}

export interface Interval {
  low: number | null;
  high: number | null;
}

type Box = ExampleBox["box_xyxy"];

export interface CellBox {
  file_name: string;
  truth_xyxy: Box | null;
  prediction_xyxy: Box | null;
  confidence: number | null;
}

/** Boxes behind a cell of the confusion matrix, at most 20 of `count`. */
interface ConfusionCell {
  truth: number;
  prediction: number;
  count: number;
  boxes: CellBox[];
}

/** Rows truth, columns prediction, background last; null confidence: no detection is right. */
export interface Confusion {
  classes: string[];
  confidence: number | null;
  iou: number;
  matrix: number[][];
  cells?: ConfusionCell[];
}

export interface SizeNumbers {
  area_px2: [number, number | null];
  annotations: number;
  "mAP_0.5": number | null;
  "mAP_0.5:0.95": number | null;
  per_class?: Record<string, Pick<ClassNumbers, "annotations" | "AP_0.5" | "AP_0.5:0.95">>;
}

interface ErrorGain {
  gain: number | null;
  count: number;
  count_at_confidence?: number;
}

export interface ErrorTypes {
  "mAP_0.5": number | null;
  types: Record<string, ErrorGain>;
  all_false_positives?: ErrorGain;
  all_missed?: ErrorGain;
}

/** The confidence at which F is highest; F stays within 1 % of that from low to high. */
export interface Threshold {
  confidence: number;
  f: number;
  precision: number;
  recall: number;
  low: number;
  high: number;
  annotations: number;
  well_founded: boolean;
}

/** A threshold that val chose, and what it is worth on the split of this evaluation. */
export interface ChosenThreshold {
  confidence: number;
  chosen: Threshold;
  checked: { f: number | null; precision: number | null; recall: number | null };
}

export interface ByClass<T> {
  beta: number;
  all: T | null;
  per_class: Record<string, T | null>;
}

export interface Recommendation {
  id: string;
  classes?: string[];
  evidence: Record<string, unknown>;
  message: string;
  remedy: string;
}

export interface Suspicion {
  kind: "overlooked" | "swapped" | "badly_placed";
  score: number;
  /** The number of the image in the evaluation. */
  image?: number;
  image_wh?: [number, number];
  file_name: string;
  class_name: string | null;
  box_xyxy: Box | null;
  suggested_class_name: string | null;
  suggested_xyxy: Box | null;
  confidence?: number | null;
}

export interface EvaluationNumbers {
  split: string;
  images: number;
  annotations?: number;
  "mAP_0.5": number | null;
  "mAP_0.5:0.95": number | null;
  interval?: Interval & { "mAP_0.5"?: Interval; "mAP_0.5:0.95"?: Interval; resamples?: number };
  precision: number | null;
  recall: number | null;
  confidence: number | null;
  per_class?: Record<string, ClassNumbers>;
  curves?: Curves & Partial<Record<`f${Beta}`, (number | null)[]>> & { per_class?: Record<string, ClassCurves> };
  confusion?: Confusion;
  sizes?: Record<string, SizeNumbers>;
  thresholds?: ByClass<Threshold>[];
  /** Only where val chose and this split checks. */
  chosen?: ByClass<ChosenThreshold>[];
  errors?: ErrorTypes;
  recommendations?: Recommendation[];
  suspicions?: { count: number; boxes: Suspicion[] };
  remark?: string;
  examples?: Example[];
}
