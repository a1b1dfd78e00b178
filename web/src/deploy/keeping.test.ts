import { expect, test } from "vitest";
import { batchToday, keepingOf, withKeeping } from "./keeping";

const config = {
  enabled: true,
  persist_predictions: false,
  batching_strategy: { batches_name_prefix: "street", recreation_interval: "weekly", max_batch_images: 200 },
  sampling_strategies: [],
  max_image_size: [480, 640],
  jpeg_compression_level: 80,
  tags: ["camera 3", "night"],
};

test("what was read is written back, whole", () => {
  expect(withKeeping(config, keepingOf(config))).toEqual(config);
});

test("height stands first in the configuration, width on the page", () => {
  expect(keepingOf(config)).toMatchObject({ width: "640", height: "480" });
});

test("what is left empty is not in the configuration, and a half size is none", () => {
  const empty = { ...keepingOf(config), batchImages: "", height: "", quality: "", tags: " , ", prefix: " " };
  expect(withKeeping(config, empty)).toEqual({
    enabled: true,
    persist_predictions: false,
    batching_strategy: { batches_name_prefix: "active-learning", recreation_interval: "weekly" },
    sampling_strategies: [],
  });
});

test("a batch is called as the server calls it: by the first day, weeks from Monday, in UTC", () => {
  const thursday = new Date("2026-11-26T23:30:00Z");
  expect(batchToday("a", "never", thursday)).toBe("a");
  expect(batchToday("a", "daily", thursday)).toBe("a_2026_11_26");
  expect(batchToday("a", "weekly", thursday)).toBe("a_2026_11_23");
  expect(batchToday("a", "weekly", new Date("2026-11-29T00:00:00Z"))).toBe("a_2026_11_23");
  expect(batchToday("", "monthly", thursday)).toBe("active-learning_2026_11_01");
});
