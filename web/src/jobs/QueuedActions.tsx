/** The actions on the run of a training that has a queue: through the queue alone, so that nothing runs beside it. */
import { useQuery } from "@tanstack/react-query";
import { projectPath } from "../projects/paths";
import { formatDuration } from "../ui/format";
import shared from "../ui/shared.module.css";
import { useNow } from "../ui/useNow";
import { TrainingActions } from "../versions/TrainingActions";
import { getTraining, trainingEnded } from "../versions/trainings";

const RENEW_MS = 2000;

interface Props {
  workspace: string;
  id: string;
  /** The run has written its last line; the queue hears of it a moment later. */
  isDone: boolean;
  onChanged: () => void;
}

export function QueuedActions({ workspace, id, isDone, onChanged }: Props) {
  const now = useNow();
  const training = useQuery({
    queryKey: ["training", workspace, id],
    queryFn: () => getTraining(workspace, id),
    refetchInterval: ({ state }) => (state.data && trainingEnded(state.data.state) ? false : RENEW_MS),
  });
  if (!training.data) return null;
  const { state, queued_at, attempt, max_attempts, project, model } = training.data;
  if (isDone && !trainingEnded(state)) return null;
  return (
    <span className={shared["buttons"]}>
      {state === "queued" && (
        <span role="status">Waits in the queue for {formatDuration(Math.floor(now / 1000 - queued_at))}</span>
      )}
      {state === "stopping" && <span role="status">Stops when this epoch is done…</span>}
      {attempt > 1 && (
        <span className={shared["hint"]}>
          attempt {attempt} of {max_attempts}
        </span>
      )}
      {model?.can_run && (
        <a className={shared["linkButton"]} href={`#${projectPath(workspace, project, "deploy", model.slug)}`}>
          Try its model
        </a>
      )}
      <TrainingActions
        workspace={workspace}
        training={training.data}
        onChanged={() => {
          void training.refetch();
          onChanged();
        }}
      />
    </span>
  );
}
