import { expect, test } from "vitest";
import { EMPTY_ORDER, furtherKnobs, orderOf } from "./order";

test("what is left empty is left to the trainer", () => {
  expect(orderOf(EMPTY_ORDER)).toEqual({
    name: "",
    model_type: "fast-n",
    epochs: null,
    image_size: null,
    seed: null,
    start: { kind: "random" },
    recipe: {},
    max_s: null,
    max_memory_bytes: null,
    webhook_url: null,
  });
});

test("limits go from hours and gigabytes to seconds and bytes", () => {
  const order = orderOf({ ...EMPTY_ORDER, hours: "1.5", memoryGb: "4", webhook: " https://a.example/x " });
  expect(order).toMatchObject({ max_s: 5400, max_memory_bytes: 4e9, webhook_url: "https://a.example/x" });
});

test("a start is a training, a model or a file of the server, whatever it is called", () => {
  expect(orderOf({ ...EMPTY_ORDER, start: "training:ab" }).start).toEqual({ kind: "training", id: "ab" });
  expect(orderOf({ ...EMPTY_ORDER, start: "model:m" }).start).toEqual({ kind: "model", id: "m" });
  expect(orderOf({ ...EMPTY_ORDER, start: "checkpoint:a:b.pt" }).start).toEqual({ kind: "checkpoint", name: "a:b.pt" });
});

test("only hyperparameters that were typed are in the recipe", () => {
  const order = orderOf({ ...EMPTY_ORDER, knobs: { muon_lr: "0.02", warmup: " " } });
  expect(order.recipe).toEqual({ hyperparameters: { muon_lr: 0.02 } });
});

test("augmentation is the server's own until somebody chooses", () => {
  const order = orderOf({ ...EMPTY_ORDER, augmentation: { flip: { probability: "25" } } });
  expect(order.recipe).toEqual({ online_augmentation: [{ name: "flip", probability: 0.25 }] });
  expect(orderOf({ ...EMPTY_ORDER, augmentation: {} }).recipe).toEqual({ online_augmentation: [] });
});

test("what has a field of its own is not among the further ones", () => {
  const knob = { minimum: 0, maximum: 1, description: "", type: ["number", "null"] };
  expect(furtherKnobs({ epochs: knob, warmup: knob }).map(([name]) => name)).toEqual(["warmup"]);
});
