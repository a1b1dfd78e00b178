/** Trainings of the queue: in which state, how far, and what can be done with each. */
import { StateBadge } from "../jobs/StateBadge";
import { formatDuration, formatFraction } from "../ui/format";
import shared from "../ui/shared.module.css";
import { Answering } from "./Answering";
import { TrainingActions } from "./TrainingActions";
import type { Training } from "./trainings";
import { placeInQueue } from "./trainings";
import styles from "./Versions.module.css";

interface Props {
  workspace: string;
  trainings: Training[];
  /** Of the whole workspace, for the place in the queue. */
  queue: Training[];
  onChanged: () => void;
}

export function TrainingTable({ workspace, trainings, queue, onChanged }: Props) {
  return (
    <ul className={styles["trainings"]}>
      {trainings.map((training) => (
        <li key={training.id} data-testid="training">
          <div className={styles["trainingName"]}>
            {training.state === "queued" ? (
              <strong>{training.name}</strong>
            ) : (
              <a href={`#/runs/${encodeURIComponent(training.id)}`}>{training.name}</a>
            )}
            <StateBadge state={training.state} />
            <span className={shared["hint"]}>{progressText(training, placeInQueue(queue, training.id))}</span>
          </div>
          <TrainingActions workspace={workspace} training={training} onChanged={onChanged} canTrash />
          {training.model && <Answering workspace={workspace} training={training} model={training.model} />}
          {training.message && <p className={shared["hint"]}>{training.message}</p>}
        </li>
      ))}
    </ul>
  );
}

function progressText(training: Training, place: number | null): string {
  const { epoch, epochs, best, eta_s, attempt, max_attempts } = training;
  if (place !== null)
    return place === 0 ? "next in the queue of this workspace" : `${place} of this workspace before it`;
  return [
    epochs === null ? `epoch ${epoch}` : `epoch ${epoch} of ${epochs}`,
    best && `best mAP_0.5:0.95 ${formatFraction(best.value)}`,
    eta_s !== null && `${formatDuration(eta_s)} left`,
    attempt > 1 && `attempt ${attempt} of ${max_attempts}`,
    training.webhook_url && "tells its webhook",
  ]
    .filter(Boolean)
    .join(" · ");
}
