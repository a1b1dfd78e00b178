/** One version: what is in it, how it was made, its zips, and what to do with it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { projectPath } from "../projects/paths";
import { ProjectFrame } from "../projects/ProjectFrame";
import { Button, Card, Tile, Tiles } from "../ui/controls";
import { useCanWork } from "../server/useCanWork";
import { formatCount } from "../ui/format";
import { Notice } from "../ui/Notice";
import type { Version } from "./api";
import { cancelVersion, deleteVersion, getVersion, notebookUrl, resumeVersion } from "./api";
import { Exports } from "./Exports";
import styles from "./Versions.module.css";
import { StateOfVersion, stepsOf } from "./VersionsPage";
import shared from "../ui/shared.module.css";

const RENEW_MS = 1000;

interface Props {
  workspace: string;
  project: string;
  number: number;
  onGone: (path: string) => void;
}

export function VersionPage({ workspace, project, number, onGone }: Props) {
  const version = useQuery({
    queryKey: ["version", workspace, project, number],
    queryFn: () => getVersion(workspace, project, number),
    refetchInterval: ({ state }) => (state.data?.state === "generating" ? RENEW_MS : false),
  });
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteVersion(workspace, project, number),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["versions", workspace, project] });
      onGone(projectPath(workspace, project, "versions"));
    },
  });
  const error = version.error ?? remove.error;
  return (
    <ProjectFrame workspace={workspace} project={project} tab="versions">
      {error && <Notice tone="bad" title={error.message} />}
      {version.data && (
        <Whole
          version={version.data}
          workspace={workspace}
          project={project}
          onDelete={() => remove.mutate()}
          onChanged={() => void version.refetch()}
        />
      )}
    </ProjectFrame>
  );
}

interface WholeProps {
  version: Version;
  workspace: string;
  project: string;
  onDelete: () => void;
  onChanged: () => void;
}

function Whole({ version, workspace, project, onDelete, onChanged }: WholeProps) {
  const cancel = useMutation({
    mutationFn: () => cancelVersion(workspace, project, version.number),
    onSettled: onChanged,
  });
  const resume = useMutation({
    mutationFn: () => resumeVersion(workspace, project, version.number),
    onSettled: onChanged,
  });
  const isReady = version.state === "ready";
  const canWork = useCanWork(workspace);
  return (
    <>
      <Card label={`Version ${version.number}`}>
        <div className={shared["section"]}>
          <h2>
            Version {version.number}: {version.name}
          </h2>
          <StateOfVersion version={version} />
          {resume.error && <Notice tone="bad" title={resume.error.message} />}
          {isReady && <Counts version={version} />}
          {isReady && version.message && <p className={shared["hint"]}>{version.message}</p>}
          <ul className={shared["hint"]}>
            {stepsOf(version).map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
          {version.content_hash && (
            <p className={shared["hint"]}>
              Content hash <span className={styles["hash"]}>{version.content_hash}</span>: the same images, settings and
              seed give the same one.
            </p>
          )}
          {canWork && (
            <div className={shared["buttons"]}>
              {isReady && (
                <a
                  className={shared["linkButton"]}
                  href={`#${projectPath(workspace, project, "versions", version.number, "train")}`}
                >
                  Train
                </a>
              )}
              {(version.state === "cancelled" || version.state === "failed") && (
                <Button tone="primary" onClick={() => resume.mutate()} disabled={resume.isPending}>
                  Go on
                </Button>
              )}
              {version.state === "generating" ? (
                <Button onClick={() => cancel.mutate()} disabled={cancel.isPending}>
                  Cancel
                </Button>
              ) : (
                <Button tone="danger" onClick={onDelete}>
                  Move to the trash
                </Button>
              )}
            </div>
          )}
        </div>
      </Card>
      {isReady && <Exports workspace={workspace} project={project} number={version.number} />}
      {isReady && (
        <Card label="Notebook">
          <div className={shared["section"]}>
            <h2>Notebook</h2>
            <p className={shared["hint"]}>
              The first downloads this version with your key, trains it for as many epochs as you say, shows the
              training graph and sends the weights back. The second only downloads, for a trainer of your own.
            </p>
            <div className={shared["buttons"]}>
              <a href={notebookUrl(workspace, project, version.number, "train")}>Train in a notebook</a>
              <a href={notebookUrl(workspace, project, version.number, "download")}>Only download</a>
            </div>
          </div>
        </Card>
      )}
    </>
  );
}

function Counts({ version }: { version: Version }) {
  return (
    <Tiles>
      <Tile name="Images" value={formatCount(version.images)} />
      {Object.entries(version.splits).map(([split, counts]) => (
        <Tile
          key={split}
          name={split}
          value={formatCount(counts.images)}
          note={`${formatCount(counts.annotations)} boxes`}
        />
      ))}
      <Tile name="Classes" value={version.classes.length} note={version.classes.slice(0, 8).join(", ")} />
    </Tiles>
  );
}
