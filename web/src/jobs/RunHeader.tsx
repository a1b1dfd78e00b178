import type { ReactNode } from "react";
import type { GraphDocument } from "../graphs/document";
import type { RunSummary } from "../server/api";
import { hasEnded } from "../server/states";
import { formatDuration } from "../ui/format";
import { projectPath } from "../projects/paths";
import styles from "./RunHeader.module.css";
import { ProgressBar, StateBadge } from "./StateBadge";

interface RunHeaderProps {
  summary: RunSummary;
  ageS: number;
  doc: GraphDocument;
  /** Whose training it is, when it has a queue. */
  training?: RunSummary["training"];
  children: ReactNode;
}

/** Name, state, how far, how fast, how old. */
export function RunHeader({ summary, ageS, doc, training, children }: RunHeaderProps) {
  const isLive = !hasEnded(summary.state);
  const images = doc.dataset?.images;
  return (
    <header className={styles["header"]}>
      <a className={styles["back"]} href="#/">
        ← All runs
      </a>
      <div className={styles["top"]}>
        <div className={styles["name"]}>
          <h1>{summary.name}</h1>
          <StateBadge state={summary.state} />
        </div>
        {children}
      </div>
      <p className={styles["facts"]}>
        <span>
          {training && (
            <a href={`#${projectPath(training.workspace, training.project, "versions", training.version)}`}>
              {training.project}, version {training.version}
            </a>
          )}
          {training && " · "}
          {[!training && summary.dataset, images && `${images} images`, summary.model].filter(Boolean).join(" · ")}
        </span>
        <span className={styles["age"]} data-testid="age">
          last update {formatDuration(Math.floor(ageS))} ago
        </span>
      </p>
      {isLive && (
        <div className={styles["progress"]}>
          <ProgressBar epoch={doc.epochs.length} epochs={summary.epochs} />
          <p>
            {[
              progressText(summary),
              summary.images_per_s !== null && `${summary.images_per_s.toFixed(1)} images/s`,
              summary.eta_s !== null && `${formatDuration(summary.eta_s)} left`,
              !isStateWord(summary) && summary.message,
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
      )}
    </header>
  );
}

/** The trainer's message often repeats the badge. */
function isStateWord({ state, message }: RunSummary): boolean {
  return message.toLowerCase().replace(/\W/g, "") === state;
}

function progressText({ epoch, epochs }: RunSummary): string {
  if (epoch === null) return "before the first epoch";
  return epochs === null ? `epoch ${epoch}` : `epoch ${epoch} of ${epochs}`;
}
