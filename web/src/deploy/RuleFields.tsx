/** The fields of one rule of active learning. */
import { Button } from "../ui/controls";
import { formatCount } from "../ui/format";
import shared from "../ui/shared.module.css";
import styles from "./Deploy.module.css";
import { NumberField } from "./NumberField";
import type { RuleForm } from "./rules";
import { KIND_HINTS, KIND_NAMES } from "./rules";

interface Props {
  rule: RuleForm;
  /** {minutely, hourly, daily: images kept}; undefined: none yet. */
  kept: Record<string, number> | undefined;
  onChange: (rule: RuleForm) => void;
  onRemove: () => void;
}

const SPANS = [
  ["minutely", "in this minute"],
  ["hourly", "in this hour"],
  ["daily", "today"],
] as const;

export function RuleFields({ rule, kept, onChange, onRemove }: Props) {
  const set = (key: keyof RuleForm) => (value: string) => onChange({ ...rule, [key]: value });
  return (
    <fieldset className={styles["rule"]}>
      <legend>{KIND_NAMES[rule.type]}</legend>
      <p className={styles["ruleHint"]}>{KIND_HINTS[rule.type]}</p>
      <NumberField label="Of those that fit, %" value={rule.percent} max={100} onChange={set("percent")} />
      {rule.type === "close_to_threshold" && (
        <>
          <NumberField label="Confidence around" value={rule.threshold} max={1} onChange={set("threshold")} />
          <NumberField label="Give or take" value={rule.epsilon} max={1} onChange={set("epsilon")} />
          <NumberField label="Such boxes at least" value={rule.atLeast} min={1} isWhole onChange={set("atLeast")} />
        </>
      )}
      {rule.type === "detections_number_based" && (
        <>
          <NumberField label="More than" value={rule.moreThan} isWhole isOptional onChange={set("moreThan")} />
          <NumberField label="Less than" value={rule.lessThan} isWhole isOptional onChange={set("lessThan")} />
        </>
      )}
      {rule.type !== "random" && (
        <label>
          <span>Classes, by commas</span>
          <input
            value={rule.classes}
            required={rule.type === "classes_based"}
            placeholder={rule.type === "classes_based" ? "" : "all"}
            onChange={(event) => set("classes")(event.target.value)}
          />
        </label>
      )}
      <NumberField label="At most a minute" value={rule.perMinute} isWhole isOptional onChange={set("perMinute")} />
      <NumberField label="At most an hour" value={rule.perHour} isWhole isOptional onChange={set("perHour")} />
      <NumberField label="At most a day" value={rule.perDay} isWhole isOptional onChange={set("perDay")} />
      <label>
        <span>Tags, by commas</span>
        <input value={rule.tags} placeholder="none" onChange={(event) => set("tags")(event.target.value)} />
      </label>
      <div className={styles["ruleEnd"]}>
        <span className={shared["hint"]} data-testid="kept">
          Kept: {SPANS.map(([span, words]) => `${formatCount(kept?.[span] ?? 0)} ${words}`).join(", ")}
        </span>
        <Button tone="quiet" onClick={onRemove} aria-label={`Remove ${rule.name}`}>
          Remove
        </Button>
      </div>
    </fieldset>
  );
}
