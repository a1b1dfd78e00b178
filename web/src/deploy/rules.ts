/** The rules of active learning that the form knows, as the server's configuration and back. */

export const KINDS = ["random", "close_to_threshold", "classes_based", "detections_number_based"] as const;
export type Kind = (typeof KINDS)[number];
export const KIND_NAMES: Record<Kind, string> = {
  random: "A random share",
  close_to_threshold: "Boxes it is not sure of",
  classes_based: "Boxes of some classes",
  detections_number_based: "Few or many boxes",
};

/** One rule; numbers as a person types them, empty where there is none. */
export interface RuleForm {
  name: string;
  type: Kind;
  percent: string;
  threshold: string;
  epsilon: string;
  classes: string;
  moreThan: string;
  lessThan: string;
  perDay: string;
}

type Config = Record<string, unknown>;
type Rule = Record<string, unknown>;

export function newRule(type: Kind, taken: string[]): RuleForm {
  let number = 1;
  while (taken.includes(`${type}-${number}`)) number += 1;
  return {
    name: `${type}-${number}`,
    type,
    percent: type === "random" ? "1" : "100",
    threshold: "0.5",
    epsilon: "0.1",
    classes: "",
    moreThan: "",
    lessThan: "",
    perDay: "100",
  };
}

export function rulesOf(config: Config): RuleForm[] {
  const rules = Array.isArray(config["sampling_strategies"]) ? (config["sampling_strategies"] as Rule[]) : [];
  return rules.map((rule) => {
    const type = KINDS.find((kind) => kind === rule["type"]) ?? "random";
    const chance = Number(rule[type === "random" ? "traffic_percentage" : "probability"] ?? 1);
    const limits = Array.isArray(rule["limits"]) ? (rule["limits"] as Rule[]) : [];
    const text = (value: unknown): string =>
      typeof value === "number" || typeof value === "string" ? String(value) : "";
    return {
      name: text(rule["name"]),
      type,
      percent: String(Math.round(chance * 10_000) / 100),
      threshold: text(rule["threshold"] ?? 0.5),
      epsilon: text(rule["epsilon"] ?? 0.25),
      classes: Array.isArray(rule["selected_class_names"]) ? rule["selected_class_names"].join(", ") : "",
      moreThan: text(rule["more_than"]),
      lessThan: text(rule["less_than"]),
      perDay: text(limits.find((limit) => limit["type"] === "daily")?.["value"]),
    };
  });
}

/** The configuration with these rules; what the form does not show stays as it was. */
export function withRules(config: Config, isEnabled: boolean, rules: RuleForm[]): Config {
  const before = Array.isArray(config["sampling_strategies"]) ? (config["sampling_strategies"] as Rule[]) : [];
  return {
    ...config,
    enabled: isEnabled,
    sampling_strategies: rules.map((form) =>
      ruleOf(
        form,
        before.find((rule) => rule["name"] === form.name),
      ),
    ),
  };
}

function ruleOf(form: RuleForm, before: Rule | undefined): Rule {
  const rule: Rule = { name: form.name, type: form.type };
  if (before?.["tags"]) rule["tags"] = before["tags"];
  rule[form.type === "random" ? "traffic_percentage" : "probability"] = Number(form.percent) / 100;
  const classes = form.classes
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  if (classes.length > 0 && form.type !== "random") rule["selected_class_names"] = classes;
  if (form.type === "close_to_threshold") {
    rule["threshold"] = Number(form.threshold);
    rule["epsilon"] = Number(form.epsilon);
    const least = before?.["minimum_objects_close_to_threshold"];
    if (least !== undefined) rule["minimum_objects_close_to_threshold"] = least;
  }
  if (form.type === "detections_number_based") {
    if (form.moreThan !== "") rule["more_than"] = Number(form.moreThan);
    if (form.lessThan !== "") rule["less_than"] = Number(form.lessThan);
  }
  const others = Array.isArray(before?.["limits"]) ? (before["limits"] as Rule[]) : [];
  const limits = others.filter((limit) => limit["type"] !== "daily");
  if (form.perDay !== "") limits.push({ type: "daily", value: Number(form.perDay) });
  if (limits.length > 0) rule["limits"] = limits;
  return rule;
}
