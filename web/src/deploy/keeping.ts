/** How kept images are stored: batches, sizes, tags, as a person types them, from the server's configuration and back. */
import { joinWords, splitWords, text } from "./rules";

export const INTERVALS = ["never", "daily", "weekly", "monthly"] as const;
export type Interval = (typeof INTERVALS)[number];
export const INTERVAL_NAMES: Record<Interval, string> = {
  never: "never: one batch for all",
  daily: "every day",
  weekly: "every week",
  monthly: "every month",
};

export interface KeepingForm {
  prefix: string;
  interval: Interval;
  /** At most so many images in a batch; empty: no end. */
  batchImages: string;
  width: string;
  height: string;
  quality: string;
  tags: string;
  withDrafts: boolean;
}

type Config = Record<string, unknown>;

/** Of the server: what it takes where the configuration says nothing. */
export const PREFIX = "active-learning";

export function keepingOf(config: Config): KeepingForm {
  const batching = (config["batching_strategy"] ?? {}) as Config;
  const [height, width] = Array.isArray(config["max_image_size"]) ? (config["max_image_size"] as unknown[]) : [];
  return {
    prefix: text(batching["batches_name_prefix"] ?? PREFIX),
    interval: INTERVALS.find((one) => one === batching["recreation_interval"]) ?? "never",
    batchImages: text(batching["max_batch_images"]),
    width: text(width),
    height: text(height),
    quality: text(config["jpeg_compression_level"]),
    tags: joinWords(config["tags"]),
    withDrafts: config["persist_predictions"] !== false,
  };
}

const EMPTIED = ["max_image_size", "jpeg_compression_level", "tags"];

/** The configuration with these; what is left empty is not in it. */
export function withKeeping(config: Config, form: KeepingForm): Config {
  const batching: Config = { batches_name_prefix: form.prefix.trim() || PREFIX, recreation_interval: form.interval };
  if (form.batchImages !== "") batching["max_batch_images"] = Number(form.batchImages);
  const others = Object.entries(config).filter(([key]) => !EMPTIED.includes(key));
  const made: Config = {
    ...Object.fromEntries(others),
    persist_predictions: form.withDrafts,
    batching_strategy: batching,
  };
  if (form.width !== "" && form.height !== "") made["max_image_size"] = [Number(form.height), Number(form.width)];
  if (form.quality !== "") made["jpeg_compression_level"] = Number(form.quality);
  const tags = splitWords(form.tags);
  if (tags.length > 0) made["tags"] = tags;
  return made;
}

/** What the batch of today is called. */
export function batchToday(prefix: string, interval: Interval, now: Date): string {
  const name = prefix.trim() || PREFIX;
  if (interval === "never") return name;
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
  if (interval === "weekly") first.setUTCDate(first.getUTCDate() - ((first.getUTCDay() + 6) % 7));
  if (interval === "monthly") first.setUTCDate(1);
  return `${name}_${first.toISOString().slice(0, 10).replaceAll("-", "_")}`;
}
