/** Trainings that have no run yet: they wait for a worker, or start. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Card } from "../ui/controls";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { getAllTrainings } from "../versions/trainings";
import { TrainingTable } from "../versions/TrainingTable";

const RENEW_MS = 3000;

export function QueueCard({ workspace }: { workspace: string }) {
  const queries = useQueryClient();
  const trainings = useQuery({
    queryKey: ["trainings", workspace],
    queryFn: () => getAllTrainings(workspace),
    refetchInterval: RENEW_MS,
  });
  const waiting = trainings.data?.filter(({ state }) => state === "queued" || state === "starting") ?? [];
  if (trainings.error) return <Notice tone="bad" title={trainings.error.message} />;
  if (waiting.length === 0) return null;
  return (
    <Card label="Queue">
      <div className={shared["section"]}>
        <h2>In the queue</h2>
        <TrainingTable
          workspace={workspace}
          trainings={[...waiting].sort((a, b) => a.queued_at - b.queued_at)}
          queue={trainings.data ?? []}
          onChanged={() => void queries.invalidateQueries({ queryKey: ["trainings", workspace] })}
        />
      </div>
    </Card>
  );
}
