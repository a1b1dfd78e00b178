/** Small pieces that every page uses. */
import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./controls.module.css";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { tone?: "plain" | "primary" | "danger" | "quiet" };

export function Button({ tone = "plain", className = "", ...rest }: ButtonProps) {
  return <button type="button" className={`${styles["button"]} ${styles[tone]} ${className}`} {...rest} />;
}

export function Toggle({
  on,
  onChange,
  children,
}: {
  on: boolean;
  onChange: (on: boolean) => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-pressed={on}
      className={`${styles["button"]} ${styles["toggle"]}`}
      onClick={() => onChange(!on)}
    >
      {children}
    </button>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: { value: T; label: string; isDisabled?: boolean; hint?: string }[];
  onChange: (value: T) => void;
}

/** A few choices side by side, one of them taken. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <div role="group" aria-label={label} className={styles["choice"]}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          disabled={option.isDisabled}
          title={option.hint}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

export function Card({ children, label }: { children: ReactNode; label: string }) {
  return (
    <section aria-label={label} className={styles["card"]}>
      {children}
    </section>
  );
}

/** A number with its name, and what it means below. */
export function Tile({
  name,
  value,
  note,
  title,
}: {
  name: string;
  value: ReactNode;
  note?: ReactNode;
  title?: string | undefined;
}) {
  return (
    <div className={styles["tile"]} title={title}>
      <dt>{name}</dt>
      <dd className={styles["value"]}>{value}</dd>
      {note !== undefined && <dd className={styles["note"]}>{note}</dd>}
    </div>
  );
}

export function Tiles({ children }: { children: ReactNode }) {
  return <dl className={styles["tiles"]}>{children}</dl>;
}
