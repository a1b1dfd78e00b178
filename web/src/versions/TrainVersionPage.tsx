/** Put a training of a version into the queue, and see what became of the others. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { projectPath } from "../projects/paths";
import { ProjectFrame } from "../projects/ProjectFrame";
import { Card } from "../ui/controls";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import tabs from "../ui/tabs.module.css";
import { OrderCard } from "./OrderCard";
import type { TrainingOrder } from "./trainings";
import { getAllTrainings, startTraining } from "./trainings";
import { TrainingTable } from "./TrainingTable";

const RENEW_MS = 3000;

interface Props {
  workspace: string;
  project: string;
  number: number;
}

export function TrainVersionPage({ workspace, project, number }: Props) {
  const queries = useQueryClient();
  const trainings = useQuery({
    queryKey: ["trainings", workspace],
    queryFn: () => getAllTrainings(workspace),
    refetchInterval: RENEW_MS,
  });
  const renew = (): void => void queries.invalidateQueries({ queryKey: ["trainings", workspace] });
  const start = useMutation({
    mutationFn: (order: TrainingOrder) => startTraining(workspace, project, number, order),
    onSuccess: renew,
  });
  const all = trainings.data ?? [];
  const own = all.filter((one) => one.project === project && one.version === number);
  return (
    <ProjectFrame workspace={workspace} project={project} tab="versions">
      <p>
        <a className={tabs["back"]} href={`#${projectPath(workspace, project, "versions", number)}`}>
          ← Version {number}
        </a>
      </p>
      <OrderCard workspace={workspace} onOrder={(order) => start.mutate(order)} isBusy={start.isPending} />
      {start.error && (
        <Notice
          tone="bad"
          title={start.error.message}
          actions={<a href={`#/workspaces/${encodeURIComponent(workspace)}`}>Credits of the workspace</a>}
        />
      )}
      {start.data && (
        <Notice
          tone="info"
          title={`${start.data.name} is in the queue`}
          actions={<a href={`#/runs/${encodeURIComponent(start.data.id)}`}>Follow its graph</a>}
        >
          It starts by itself when a worker is free, and goes on when this page is closed.
        </Notice>
      )}
      {trainings.error && <Notice tone="bad" title={trainings.error.message} />}
      {own.length > 0 && (
        <Card label="Trainings of this version">
          <div className={shared["section"]}>
            <h2>Trainings of this version</h2>
            <TrainingTable workspace={workspace} trainings={own} queue={all} onChanged={renew} />
          </div>
        </Card>
      )}
    </ProjectFrame>
  );
}
