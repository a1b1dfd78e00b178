import type { ReactNode } from "react";
import styles from "./Notice.module.css";

interface NoticeProps {
  tone: "info" | "warn" | "bad";
  title: string;
  children?: ReactNode;
  /** What to do next: buttons or links. */
  actions?: ReactNode;
}

/** Something that a person should know now, and what to do about it. */
export function Notice({ tone, title, children, actions }: NoticeProps) {
  return (
    <div className={styles["notice"]} data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      <div>
        <strong>{title}</strong>
        {children && <div className={styles["text"]}>{children}</div>}
      </div>
      {actions && <div className={styles["actions"]}>{actions}</div>}
    </div>
  );
}

/** A page or a part of one that has nothing to show yet. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles["empty"]}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
