/** The fields of one rule of active learning. */
import { useId } from "react";
import { Button } from "../ui/controls";
import styles from "./Deploy.module.css";
import type { RuleForm } from "./rules";
import { KIND_NAMES } from "./rules";
import shared from "../ui/shared.module.css";

interface Props {
  rule: RuleForm;
  keptToday: number | undefined;
  onChange: (rule: RuleForm) => void;
  onRemove: () => void;
}

export function RuleFields({ rule, keptToday, onChange, onRemove }: Props) {
  const set = (key: keyof RuleForm) => (value: string) => onChange({ ...rule, [key]: value });
  return (
    <fieldset className={styles["rule"]}>
      <legend>{KIND_NAMES[rule.type]}</legend>
      <Field label="Of those that fit, %" value={rule.percent} max={100} onChange={set("percent")} />
      {rule.type === "close_to_threshold" && (
        <>
          <Field label="Confidence around" value={rule.threshold} max={1} onChange={set("threshold")} />
          <Field label="Give or take" value={rule.epsilon} max={1} onChange={set("epsilon")} />
        </>
      )}
      {rule.type === "detections_number_based" && (
        <>
          <Field label="More than" value={rule.moreThan} isOptional onChange={set("moreThan")} />
          <Field label="Less than" value={rule.lessThan} isOptional onChange={set("lessThan")} />
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
      <Field label="At most a day" value={rule.perDay} isOptional onChange={set("perDay")} />
      <div className={styles["ruleEnd"]}>
        {keptToday !== undefined && <span className={shared["hint"]}>{keptToday} today</span>}
        <Button tone="quiet" onClick={onRemove}>
          Remove
        </Button>
      </div>
    </fieldset>
  );
}

function Field(props: {
  label: string;
  value: string;
  max?: number;
  isOptional?: boolean;
  onChange: (value: string) => void;
}) {
  const { label, value, max, isOptional = false, onChange } = props;
  const id = useId();
  return (
    <label htmlFor={id}>
      <span>{label}</span>
      <input
        id={id}
        type="number"
        min={0}
        max={max}
        step="any"
        required={!isOptional}
        placeholder={isOptional ? "–" : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
