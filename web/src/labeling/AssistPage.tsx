/** Label assist: a model proposes boxes for images that nobody has labelled; people take them or not. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getModels } from "../deploy/api";
import type { Batch } from "../projects/api";
import { getBatches, getProject } from "../projects/api";
import { projectPath } from "../projects/paths";
import { ProjectFrame } from "../projects/ProjectFrame";
import { Button, Card } from "../ui/controls";
import { formatCount, formatDuration } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { StackingTable } from "../ui/StackingTable";
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
            <p>
              Label some images, <a href={`#${projectPath(workspace, project, "versions")}`}>make a version</a> and
              train a first model; or upload an ONNX file <a href="#/api">over the API</a>.
            </p>
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
            <StackingTable
              caption="Label assists, the newest first"
              rowTestId="assist"
              columns={["Model", "Batch", "Images", "Drafts", "State", "When"]}
              rows={assists.data.map((one) => ({
                key: one.id,
                cells: [
                  models.data?.find((model) => model.id === one.model_id)?.name ?? "a model that is gone",
                  batchName(one.batch_id, batches.data ?? []),
                  `${formatCount(one.done)} of ${formatCount(one.images)}`,
                  formatCount(one.boxes),
                  <State key="state" assist={one} workspace={workspace} project={project} onChanged={renew} />,
                  <Age key="age" since={one.created_at} />,
                ],
              }))}
            />
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

function batchName(id: string | null, batches: Batch[]): string {
  return id === null ? "all" : (batches.find((batch) => batch.id === id)?.name ?? "gone");
}

interface StateProps {
  assist: Assist;
  workspace: string;
  project: string;
  onChanged: () => void;
}

function State({ assist, workspace, project, onChanged }: StateProps) {
  const cancel = useMutation({
    mutationFn: () => cancelAssist(workspace, project, assist.id),
    onSettled: onChanged,
  });
  return (
    <span>
      {assist.state}
      {assist.message && <span className={shared["failed"]}> {assist.message}</span>}{" "}
      {assist.state === "running" && (
        <Button tone="quiet" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
          Stop it
        </Button>
      )}
    </span>
  );
}

function Age({ since }: { since: number }) {
  const now = useNow();
  return <span className={shared["hint"]}>{formatDuration(Math.floor(now / 1000 - since))} ago</span>;
}
