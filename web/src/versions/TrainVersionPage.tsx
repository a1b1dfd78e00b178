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
import { getAllTrainings, startTraining, trainingEnded } from "./trainings";
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
  const begun = own.find((one) => one.id === start.data?.id);
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
      {begun && !trainingEnded(begun.state) && (
        <Notice
          tone="info"
          title={begun.state === "queued" ? `${begun.name} is in the queue` : `${begun.name} has begun`}
          actions={<a href={`#/runs/${encodeURIComponent(begun.id)}`}>Follow its graph</a>}
        >
          {begun.state === "queued" && "It starts by itself when a worker is free. "}
          It goes on when this page is closed.
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
