/** The rules of active learning that the form knows, as the server's configuration and back. */

export const KINDS = ["random", "close_to_threshold", "classes_based", "detections_number_based"] as const;
export type Kind = (typeof KINDS)[number];
/** What a rule is for, for somebody who has never made one. */
export const KIND_HINTS: Record<Kind, string> = {
  random:
    "Keeps a share of everything that comes, so that the dataset stays like what the camera sees. One percent is a good start.",
  close_to_threshold:
    "Keeps images with a box whose confidence is near a value: there the model is in doubt, and a label teaches it most.",
  classes_based: "Keeps images on which one of these classes was found, for instance the rare ones.",
  detections_number_based:
    "Keeps images with very few or very many boxes. Less than 1: nothing was found, which may be a miss.",
};
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
  /** How many boxes must be in doubt. */
  atLeast: string;
  classes: string;
  moreThan: string;
  lessThan: string;
  perMinute: string;
  perHour: string;
  perDay: string;
  /** Put on the images that it keeps, by commas. */
  tags: string;
}

const LIMITS = [
  { key: "perMinute", type: "minutely" },
  { key: "perHour", type: "hourly" },
  { key: "perDay", type: "daily" },
] as const;

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
    atLeast: "1",
    classes: "",
    moreThan: "",
    lessThan: type === "detections_number_based" ? "1" : "",
    perMinute: "",
    perHour: "",
    perDay: "100",
    tags: "",
  };
}

export function rulesOf(config: Config): RuleForm[] {
  const rules = Array.isArray(config["sampling_strategies"]) ? (config["sampling_strategies"] as Rule[]) : [];
  return rules.map((rule) => {
    const type = KINDS.find((kind) => kind === rule["type"]) ?? "random";
    const chance = Number(rule[type === "random" ? "traffic_percentage" : "probability"] ?? 1);
    const limits = Array.isArray(rule["limits"]) ? (rule["limits"] as Rule[]) : [];
    const limit = (wanted: string): string => text(limits.find((one) => one["type"] === wanted)?.["value"]);
    return {
      name: text(rule["name"]),
      type,
      percent: String(Math.round(chance * 10_000) / 100),
      threshold: text(rule["threshold"] ?? 0.5),
      epsilon: text(rule["epsilon"] ?? 0.25),
      atLeast: text(rule["minimum_objects_close_to_threshold"] ?? 1),
      classes: joinWords(rule["selected_class_names"]),
      moreThan: text(rule["more_than"]),
      lessThan: text(rule["less_than"]),
      perMinute: limit("minutely"),
      perHour: limit("hourly"),
      perDay: limit("daily"),
      tags: joinWords(rule["tags"]),
    };
  });
}

/** The configuration with these rules. */
export function withRules(config: Config, isEnabled: boolean, rules: RuleForm[]): Config {
  return { ...config, enabled: isEnabled, sampling_strategies: rules.map(ruleOf) };
}

/** Words between commas. */
export function splitWords(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

export function joinWords(words: unknown): string {
  return Array.isArray(words) ? words.join(", ") : "";
}

/** A number or a word as a field shows it; empty for anything else. */
export function text(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : "";
}

function ruleOf(form: RuleForm): Rule {
  const rule: Rule = { name: form.name, type: form.type };
  const tags = splitWords(form.tags);
  if (tags.length > 0) rule["tags"] = tags;
  rule[form.type === "random" ? "traffic_percentage" : "probability"] = Number(form.percent) / 100;
  const classes = splitWords(form.classes);
  if (classes.length > 0 && form.type !== "random") rule["selected_class_names"] = classes;
  if (form.type === "close_to_threshold") {
    rule["threshold"] = Number(form.threshold);
    rule["epsilon"] = Number(form.epsilon);
    if (form.atLeast !== "" && form.atLeast !== "1") rule["minimum_objects_close_to_threshold"] = Number(form.atLeast);
  }
  if (form.type === "detections_number_based") {
    if (form.moreThan !== "") rule["more_than"] = Number(form.moreThan);
    if (form.lessThan !== "") rule["less_than"] = Number(form.lessThan);
  }
  const limits = LIMITS.filter(({ key }) => form[key] !== "").map(({ key, type }) => ({
    type,
    value: Number(form[key]),
  }));
  if (limits.length > 0) rule["limits"] = limits;
  return rule;
}
