import type { RunState } from "../server/api";
import { describeState } from "../server/states";
import styles from "./StateBadge.module.css";

export function StateBadge({ state }: { state: RunState }) {
  const { word, tone } = describeState(state);
  return (
    <span className={styles["badge"]} data-tone={tone} data-testid="state">
      {word}
    </span>
  );
}

/** How far a run is; the fraction is of its planned epochs. */
export function ProgressBar({ epoch, epochs }: { epoch: number | null; epochs: number | null }) {
  if (epochs === null || epochs <= 0) return null;
  return (
    <progress
      className={styles["bar"]}
      max={epochs}
      value={epoch ?? 0}
      aria-label={`Epoch ${epoch ?? 0} of ${epochs}`}
    />
  );
}
