import { formatFraction } from "../ui/format";

interface ConfidenceSliderProps {
  label: string;
  value: number;
  className?: string | undefined;
  onChange: (confidence: number) => void;
}

/** A confidence from 0 to 1, with its value beside it. */
export function ConfidenceSlider({ label, value, className, onChange }: ConfidenceSliderProps) {
  return (
    <label className={className}>
      <span>{label}</span>
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output>{formatFraction(value)}</output>
    </label>
  );
}
