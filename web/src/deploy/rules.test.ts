import { expect, test } from "vitest";
import { KINDS, newRule, rulesOf, withRules } from "./rules";

const config = {
  enabled: true,
  tags: ["kept"],
  sampling_strategies: [
    {
      name: "a",
      type: "random",
      tags: ["x"],
      traffic_percentage: 0.015,
      limits: [
        { type: "minutely", value: 2 },
        { type: "daily", value: 9 },
      ],
    },
    {
      name: "b",
      type: "close_to_threshold",
      probability: 1,
      selected_class_names: ["cat", "dog"],
      threshold: 0.4,
      epsilon: 0.2,
      minimum_objects_close_to_threshold: 3,
    },
    { name: "c", type: "detections_number_based", probability: 0.5, more_than: 3 },
  ],
};

test("what was read is written back, whole", () => {
  expect(withRules(config, true, rulesOf(config))).toEqual(config);
});

test("a new rule of every kind has a name of its own and counts as a share", () => {
  for (const kind of KINDS) {
    const rule = newRule(kind, [`${kind}-1`]);
    expect(rule.name).toBe(`${kind}-2`);
    const made = withRules({}, true, [{ ...rule, classes: "cat" }])["sampling_strategies"] as object[];
    expect(made[0]).toMatchObject({ type: kind, limits: [{ type: "daily", value: 100 }] });
  }
});

test("percent becomes a fraction", () => {
  const made = withRules({}, false, [{ ...newRule("random", []), percent: "2.5" }]);
  expect(made["sampling_strategies"]).toMatchObject([{ traffic_percentage: 0.025 }]);
  expect(made["enabled"]).toBe(false);
});
