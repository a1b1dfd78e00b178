import { expect, test } from "vitest";
import { augmentationOf, STEP_WORDS, stepsOf, usualForm } from "./augmentation";
import type { RecipeDescription } from "./trainings";

const knob = { minimum: 0, maximum: 1, description: "", type: ["number", "null"] };
const RECIPE: RecipeDescription = {
  schema: {
    properties: {
      hyperparameters: { properties: {} },
      online_augmentation: {
        items: {
          oneOf: [
            { properties: { name: { const: "flip" }, probability: knob } },
            { properties: { name: { const: "mosaic" }, probability: knob, until: knob } },
          ],
        },
      },
    },
  },
  template: {
    hyperparameters: {},
    online_augmentation: [
      { name: "mosaic", probability: 1, until: 0.55 },
      { name: "flip", probability: 0.5 },
    ],
  },
  checkpoints: [],
};

test("steps stand in the server's order, with its own values in percent", () => {
  const steps = stepsOf(RECIPE);
  expect(steps.map((one) => one.name)).toEqual(["mosaic", "flip"]);
  expect(usualForm(steps)).toEqual({ mosaic: { probability: "100", until: "55" }, flip: { probability: "50" } });
});

test("what is sent back unchanged is the template, and a step that is off is not named", () => {
  const form = usualForm(stepsOf(RECIPE));
  expect(augmentationOf(form)).toEqual(RECIPE.template.online_augmentation);
  expect(augmentationOf({ mosaic: { probability: "7", until: "" } })).toEqual([{ name: "mosaic", probability: 0.07 }]);
  expect(augmentationOf({})).toEqual([]);
});

test("every step of the server is explained", () => {
  // The names of jobs/recipes.py; tests/browser holds the form against the server.
  expect(Object.keys(STEP_WORDS)).toEqual(["mosaic", "scale", "flip", "color"]);
});
