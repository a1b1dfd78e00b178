import { expect, it } from "vitest";
import { readForm } from "./form";

const form = (fields: Record<string, string>) => ({ get: (name: string) => fields[name] ?? null });

it("leaves to the trainer what is left empty", () => {
  expect(readForm(form({ dataset: "cells", model: "fast-n", epochs: " ", seed: "" }))).toEqual({
    dataset: "cells",
    model: "fast-n",
    epochs: null,
    image_size: null,
    seed: 0,
  });
});

it.each([
  [{ epochs: "0" }, "Epochs: expected a whole number from 1 to 10000, found “0”."],
  [{ epochs: "1.5" }, "Epochs: expected a whole number from 1 to 10000, found “1.5”."],
  [{ image_size: "big" }, "Image size: expected a whole number from 32 to 4096, found “big”."],
  [{ seed: "-1" }, "Seed: expected a whole number from 0 to 4294967295, found “-1”."],
])("says what is wrong with %o", (fields, sentence) => expect(readForm(form(fields))).toBe(sentence));
