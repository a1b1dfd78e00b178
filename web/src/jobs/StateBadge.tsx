import type { RunState } from "../server/api";
import { describeState } from "../server/states";
import type { TrainingState } from "../versions/trainings";
import { TRAINING_STATES } from "../versions/trainings";
import styles from "./StateBadge.module.css";

export function StateBadge({ state }: { state: RunState | TrainingState }) {
  const { word, tone } = isTraining(state) ? TRAINING_STATES[state] : describeState(state);
  return (
    <span className={styles["badge"]} data-tone={tone} data-testid="state">
      {word}
    </span>
  );
}

function isTraining(state: RunState | TrainingState): state is TrainingState {
  return Object.hasOwn(TRAINING_STATES, state);
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
