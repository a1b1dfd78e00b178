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
  confusion?: { classes: string[]; confidence: number; iou: number; matrix: number[][] };
  examples?: Example[];
}
