/** The numbers of evaluation.json. See ARCHITECTURE.md. */

export interface Curves {
  confidence: number[];
  precision: (number | null)[];
  recall: (number | null)[];
  f1: (number | null)[];
  pr: { recall: number[]; precision: (number | null)[] };
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
}

export interface Example {
  file_name: string;
  /** Below the run folder. */
  path: string;
  /** The image itself as a data URL; in reports. */
  url?: string;
  image_wh: [number, number];
  ground_truth: ExampleBox[];
  predictions: ExampleBox[];
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
export interface ConfusionCell {
  truth: number;
  prediction: number;
  count: number;
  boxes: CellBox[];
}

export interface SizeNumbers {
  area_px2: [number, number | null];
  annotations: number;
  "mAP_0.5": number | null;
  "mAP_0.5:0.95": number | null;
}

export interface ErrorTypes {
  "mAP_0.5": number | null;
  types: Record<string, { gain: number | null; count: number; count_at_confidence?: number }>;
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
  curves?: Curves & { per_class?: Record<string, Omit<Curves, "confidence">> };
  confusion?: { classes: string[]; confidence: number; iou: number; matrix: number[][]; cells?: ConfusionCell[] };
  sizes?: Record<string, SizeNumbers>;
  errors?: ErrorTypes;
  recommendations?: Recommendation[];
  suspicions?: { count: number; boxes: Suspicion[] };
  examples?: Example[];
}
