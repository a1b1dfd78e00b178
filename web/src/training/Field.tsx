import type { ReactNode } from "react";
import styles from "./Field.module.css";

/** A labelled field with a line of help. */
export function Field({
  name,
  label,
  hint,
  children,
}: {
  name: string;
  label: string;
  hint: string;
  children: ReactNode;
}) {
  return (
    <div className={styles["field"]}>
      <label htmlFor={name}>{label}</label>
      {children}
      <p>{hint}</p>
    </div>
  );
}
