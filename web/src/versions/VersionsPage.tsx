/** The versions of a project, renewed while one is being generated. */
import { useQuery } from "@tanstack/react-query";
import { projectPath } from "../projects/paths";
import { ProjectFrame } from "../projects/ProjectFrame";
import { useCanWork } from "../server/useCanWork";
import { Card } from "../ui/controls";
import { formatCount, formatDuration } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import cards from "../ui/cards.module.css";
import { useNow } from "../ui/useNow";
import type { Version } from "./api";
import { getVersions } from "./api";
import { summarize } from "./steps";
import styles from "./Versions.module.css";
import shared from "../ui/shared.module.css";

const RENEW_MS = 1000;

export function VersionsPage({ workspace, project }: { workspace: string; project: string }) {
  const versions = useQuery({
    queryKey: ["versions", workspace, project],
    queryFn: () => getVersions(workspace, project),
    refetchInterval: ({ state }) => (state.data?.some((one) => one.state === "generating") ? RENEW_MS : false),
  });
  const canWork = useCanWork(workspace);
  const newPath = `#${projectPath(workspace, project, "versions", "new")}`;
  return (
    <ProjectFrame
      workspace={workspace}
      project={project}
      tab="versions"
      actions={
        canWork && (
          <a className={shared["linkButton"]} href={newPath}>
            New version
          </a>
        )
      }
    >
      {versions.error && <Notice tone="bad" title={versions.error.message} />}
      {versions.isPending && <p className={shared["hint"]}>Looking for versions…</p>}
      {versions.data?.length === 0 && (
        <Card label="No versions">
          <Empty title="Nothing is frozen yet">
            <p>
              A version is a numbered snapshot of the dataset with its split, preprocessing and augmentation, so that a
              training can be repeated on the same pixels.{" "}
              {canWork && (
                <>
                  <a href={newPath}>Make the first one</a>, best without any augmentation: it is what the others are
                  measured against.
                </>
              )}
            </p>
          </Empty>
        </Card>
      )}
      {versions.data && versions.data.length > 0 && (
        <ul className={styles["list"]}>
          {versions.data.map((version) => (
            <li key={version.id}>
              <VersionRow version={version} href={`#${projectPath(workspace, project, "versions", version.number)}`} />
            </li>
          ))}
        </ul>
      )}
    </ProjectFrame>
  );
}

function VersionRow({ version, href }: { version: Version; href: string }) {
  const now = useNow();
  const steps = stepsOf(version);
  return (
    <a className={`${cards["row"]} ${styles["row"]}`} href={href} data-testid="version">
      <span className={styles["number"]}>{version.number}</span>
      <span className={styles["name"]}>
        <strong>{version.name}</strong>
        <span>{steps.length > 0 ? steps.join(" · ") : "As it is"}</span>
      </span>
      <span className={styles["counts"]}>
        {version.state === "ready" ? (
          <>
            <strong>{formatCount(version.images)} images</strong>
            <span>{describeSplits(version)}</span>
          </>
        ) : (
          <StateOfVersion version={version} />
        )}
      </span>
      <span className={styles["age"]}>{formatDuration(Math.floor(now / 1000 - version.created_at))} ago</span>
    </a>
  );
}

/** How far a version is that is not ready. */
export function StateOfVersion({ version }: { version: Version }) {
  if (version.state === "generating") {
    const percent = Math.floor(version.progress * 100);
    return (
      <span className={styles["generating"]}>
        Generating, {percent} %
        <progress max={100} value={percent} aria-label={`Generation of version ${version.number}`} />
      </span>
    );
  }
  if (version.state === "ready") return null;
  return (
    <span className={styles["failed"]}>
      {version.state === "failed" ? "Failed" : "Cancelled"}: {version.message}
    </span>
  );
}

export function stepsOf(version: Version): string[] {
  const { preprocessing, augmentation } = version.settings;
  return [...Object.entries(preprocessing), ...Object.entries(augmentation)].map(([key, value]) =>
    key === "image"
      ? `${String((value as { versions?: number }).versions ?? 1)} outputs per image`
      : summarize(key, value),
  );
}

function describeSplits(version: Version): string {
  return Object.entries(version.splits)
    .map(([name, counts]) => `${name} ${formatCount(counts.images)}`)
    .join(" · ");
}
