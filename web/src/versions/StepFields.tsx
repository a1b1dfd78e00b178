/** One step of a version: a tick, and its fields when it is ticked. */
import type { FieldKind, StepKind } from "./api";
import { InputField, SelectField } from "../ui/fields";
import { describeStep, startValue, without } from "./steps";
import styles from "./Versions.module.css";
import shared from "../ui/shared.module.css";

interface StepProps {
  name: string;
  kind: StepKind;
  /** Undefined: the step is not wanted. */
  value: unknown;
  onChange: (value: unknown) => void;
  /** For a part of the form that shows more than fields. */
  classNames: string[];
}

export function StepFields({ name, kind, value, onChange, classNames }: StepProps) {
  const { title, hint } = describeStep(name);
  const isOn = value !== undefined;
  return (
    <div className={styles["step"]}>
      <label>
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => onChange(event.target.checked ? startValue(kind) : undefined)}
        />
        <span>
          <strong>{title}</strong>
          <small>{hint}</small>
        </span>
      </label>
      {isOn && kind.kind === "group" && (
        <div className={shared["fields"]}>
          {Object.entries(kind.fields).map(([field, fieldKind]) => (
            <Field
              key={field}
              name={field}
              kind={fieldKind}
              value={(value as Record<string, unknown>)[field]}
              onChange={(changed) => onChange({ ...(value as Record<string, unknown>), [field]: changed })}
            />
          ))}
        </div>
      )}
      {isOn && kind.kind === "names" && (
        <ClassNames classNames={classNames} value={value as Record<string, string>} onChange={onChange} />
      )}
      {isOn && kind.kind === "tags" && <Tags value={value as Record<string, string[]>} onChange={onChange} />}
    </div>
  );
}

interface FieldProps {
  name: string;
  kind: FieldKind;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Field({ name, kind, value, onChange }: FieldProps) {
  const title = name.replaceAll(/[_-]/g, " ");
  if (kind.kind === "flag") {
    return (
      <label className={shared["check"]}>
        <input type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked)} />
        {title}
      </label>
    );
  }
  if (kind.kind === "choice") {
    return (
      <SelectField
        label={title}
        value={String(value)}
        options={kind.texts.map((text) => [text, text])}
        onChange={onChange}
      />
    );
  }
  if (kind.kind !== "number") return null;
  return (
    <InputField
      label={title === kind.unit ? title : `${title} (${kind.unit})`}
      type="number"
      min={kind.low}
      max={kind.high}
      step={kind.whole ? 1 : "any"}
      value={String(value ?? "")}
      onChange={onChange}
    />
  );
}

function ClassNames({
  classNames,
  value,
  onChange,
}: {
  classNames: string[];
  value: Record<string, string>;
  onChange: (value: Record<string, string>) => void;
}) {
  return (
    <div className={shared["fields"]}>
      {classNames.map((name) => (
        <InputField
          key={name}
          label={`${name} becomes (empty: left out)`}
          value={value[name] ?? name}
          onChange={(typed) => onChange(typed === name ? without(value, name) : { ...value, [name]: typed })}
        />
      ))}
      {classNames.length === 0 && <p className={shared["hint"]}>This project has no classes yet.</p>}
    </div>
  );
}

function Tags({
  value,
  onChange,
}: {
  value: Record<string, string[]>;
  onChange: (value: Record<string, string[]>) => void;
}) {
  return (
    <div className={shared["fields"]}>
      {(["require", "exclude"] as const).map((rule) => (
        <InputField
          key={rule}
          label={`${rule === "require" ? "Must have one of" : "Must not have"} (commas between)`}
          defaultValue={(value[rule] ?? []).join(", ")}
          onChange={(typed) => {
            const tags = typed
              .split(",")
              .map((tag) => tag.trim())
              .filter(Boolean);
            const others = without(value, rule);
            onChange(tags.length > 0 ? { ...others, [rule]: tags } : others);
          }}
        />
      ))}
    </div>
  );
}
