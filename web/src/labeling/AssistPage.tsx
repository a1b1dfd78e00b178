/** Label assist: a model proposes boxes for images that nobody has labelled; people take them or not. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getModels } from "../deploy/api";
import { getBatches, getProject } from "../projects/api";
import { projectPath } from "../projects/paths";
import { ProjectFrame } from "../projects/ProjectFrame";
import { Button, Card } from "../ui/controls";
import { formatCount, formatDuration } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { useNow } from "../ui/useNow";
import type { Assist } from "./api";
import { cancelAssist, getAssists } from "./api";
import { AssistForm } from "./AssistForm";
import { ReviewCard } from "./ReviewCard";

const RENEW_MS = 1000;

export function AssistPage({ workspace, project }: { workspace: string; project: string }) {
  const queries = useQueryClient();
  const models = useQuery({ queryKey: ["models", workspace], queryFn: () => getModels(workspace) });
  const about = useQuery({ queryKey: ["project", workspace, project], queryFn: () => getProject(workspace, project) });
  const batches = useQuery({
    queryKey: ["batches", workspace, project],
    queryFn: () => getBatches(workspace, project),
  });
  const assists = useQuery({
    queryKey: ["assists", workspace, project],
    queryFn: () => getAssists(workspace, project),
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "running") ? RENEW_MS : false),
  });
  const error = models.error ?? about.error ?? batches.error ?? assists.error;
  const [first, ...others] = models.data?.filter((one) => one.can_run) ?? [];
  const renew = (): void => {
    for (const key of ["assists", "images", "batches", "project", "boxes"])
      void queries.invalidateQueries({ queryKey: [key, workspace] });
  };
  return (
    <ProjectFrame workspace={workspace} project={project} tab="assist">
      {error && <Notice tone="bad" title={error.message} />}
      {models.data && !first && (
        <Card label="No models">
          <Empty title="There is no model that could help yet">
            <p>Label some images, make a version and train a first model; or upload an ONNX file over the API.</p>
          </Empty>
        </Card>
      )}
      {first && about.data && batches.data && (
        <AssistForm
          workspace={workspace}
          project={about.data}
          models={[first, ...others]}
          batches={batches.data}
          onStarted={renew}
        />
      )}
      {assists.data && assists.data.length > 0 && (
        <Card label="Assists">
          <div className={shared["section"]}>
            <h2>What models have proposed</h2>
            <div className={shared["tableFrame"]}>
              <table className={shared["table"]}>
                <thead>
                  <tr>
                    {["Model", "Batch", "Images", "Drafts", "State", "When"].map((title) => (
                      <th key={title} scope="col">
                        {title}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {assists.data.map((one) => (
                    <Row
                      key={one.id}
                      assist={one}
                      model={models.data?.find((model) => model.id === one.model_id)?.name ?? "a model that is gone"}
                      batch={
                        one.batch_id === null
                          ? "all"
                          : (batches.data?.find((batch) => batch.id === one.batch_id)?.name ?? "gone")
                      }
                      workspace={workspace}
                      project={project}
                      onChanged={renew}
                    />
                  ))}
                </tbody>
              </table>
            </div>
            <p className={shared["hint"]}>
              Drafts are dashed on the <a href={`#${projectPath(workspace, project, "images")}`}>images</a>, one by one
              to be taken; below, many at once.
            </p>
          </div>
        </Card>
      )}
      {batches.data && <ReviewCard workspace={workspace} project={project} batches={batches.data} onReviewed={renew} />}
    </ProjectFrame>
  );
}

interface RowProps {
  assist: Assist;
  model: string;
  batch: string;
  workspace: string;
  project: string;
  onChanged: () => void;
}

function Row({ assist, model, batch, workspace, project, onChanged }: RowProps) {
  const now = useNow();
  const cancel = useMutation({
    mutationFn: () => cancelAssist(workspace, project, assist.id),
    onSettled: onChanged,
  });
  const isRunning = assist.state === "running";
  return (
    <tr data-testid="assist">
      <td>{model}</td>
      <td>{batch}</td>
      <td>
        {formatCount(assist.done)} of {formatCount(assist.images)}
      </td>
      <td>{formatCount(assist.boxes)}</td>
      <td>
        {assist.state}
        {assist.message && <div className={shared["failed"]}>{assist.message}</div>}
        {isRunning && (
          <Button tone="quiet" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
            Stop it
          </Button>
        )}
      </td>
      <td className={shared["hint"]}>{formatDuration(Math.floor(now / 1000 - assist.created_at))} ago</td>
    </tr>
  );
}
