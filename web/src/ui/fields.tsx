/** Fields of a form with their names: something typed, a percentage, or one of several. */
import type { InputHTMLAttributes } from "react";
import shared from "./shared.module.css";

interface InputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> {
  label: string;
  onChange: (value: string) => void;
}

export function InputField({ label, title, onChange, ...rest }: InputProps) {
  return (
    <label title={title}>
      {label}
      <input className={shared["input"]} onChange={(event) => onChange(event.target.value)} {...rest} />
    </label>
  );
}

type PercentProps = Pick<InputProps, "label" | "onChange"> & { value: string };

export function PercentField(props: PercentProps) {
  return <InputField type="number" min={0} max={100} step="any" required {...props} />;
}

interface SelectProps {
  label: string;
  value: string;
  /** Each with the words that are shown for it. */
  options: readonly (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
}

export function SelectField({ label, value, options, onChange }: SelectProps) {
  return (
    <label>
      {label}
      <select className={shared["input"]} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
