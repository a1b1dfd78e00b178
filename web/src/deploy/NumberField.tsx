/** A number with its name; a dash where none need be. */
import { useId } from "react";

interface Props {
  label: string;
  value: string;
  min?: number;
  max?: number;
  isWhole?: boolean;
  isOptional?: boolean;
  onChange: (value: string) => void;
}

export function NumberField({ label, value, min = 0, max, isWhole = false, isOptional = false, onChange }: Props) {
  const id = useId();
  return (
    <label htmlFor={id}>
      <span>{label}</span>
      <input
        id={id}
        type="number"
        min={min}
        max={max}
        step={isWhole ? 1 : "any"}
        required={!isOptional}
        placeholder={isOptional ? "–" : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
