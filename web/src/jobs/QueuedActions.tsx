/** The actions on the run of a training that has a queue: through the queue alone, so that nothing runs beside it. */
import { useQuery } from "@tanstack/react-query";
import { formatDuration } from "../ui/format";
import shared from "../ui/shared.module.css";
import { useNow } from "../ui/useNow";
import { TrainingActions } from "../versions/TrainingActions";
import { getTraining, trainingEnded } from "../versions/trainings";

const RENEW_MS = 2000;

export function QueuedActions({ workspace, id, onChanged }: { workspace: string; id: string; onChanged: () => void }) {
  const now = useNow();
  const training = useQuery({
    queryKey: ["training", workspace, id],
    queryFn: () => getTraining(workspace, id),
    refetchInterval: ({ state }) => (state.data && trainingEnded(state.data.state) ? false : RENEW_MS),
  });
  if (!training.data) return null;
  const { state, queued_at, attempt, max_attempts } = training.data;
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
