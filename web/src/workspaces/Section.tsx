import type { ReactNode } from "react";
import { Button, Card } from "../ui/controls";
import { Notice } from "../ui/Notice";
import styles from "./Section.module.css";

/** A part of a settings page: a heading, a sentence, and what is asked of the server. */
export function Section({
  title,
  about,
  error,
  onRetry,
  children,
}: {
  title: string;
  about: ReactNode;
  error?: Error | null;
  onRetry?: () => void;
  children: ReactNode;
}) {
  return (
    <Card label={title}>
      <div className={styles["section"]}>
        <div>
          <h2>{title}</h2>
          <p className={styles["about"]}>{about}</p>
        </div>
        {error && (
          <Notice tone="bad" title={error.message} actions={onRetry && <Button onClick={onRetry}>Try again</Button>} />
        )}
        {children}
      </div>
    </Card>
  );
}

/** A secret that is shown once, with a button that copies it. */
export function ShownOnce({ label, text, about }: { label: string; text: string; about: string }) {
  return (
    <Notice
      tone="info"
      title={label}
      actions={<Button onClick={() => void navigator.clipboard.writeText(text)}>Copy</Button>}
    >
      <code className={styles["secret"]} data-testid="secret">
        {text}
      </code>
      <p>{about}</p>
    </Notice>
  );
}
