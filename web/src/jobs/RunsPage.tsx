/** The list of runs, renewed by itself. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { describeVerdict } from "../graphs/verdicts";
import type { RunSummary } from "../server/api";
import { getRuns } from "../server/api";
import { useCanWork } from "../server/useCanWork";
import { finishedEpochs } from "../server/states";
import { Card } from "../ui/controls";
import { formatDuration, formatFraction } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import cards from "../ui/cards.module.css";
import { useNow } from "../ui/useNow";
import { QueueCard } from "./QueueCard";
import styles from "./RunsPage.module.css";
import { Sparkline } from "./Sparkline";
import { ProgressBar, StateBadge } from "./StateBadge";
import shared from "../ui/shared.module.css";

const RENEW_MS = 3000;

export function RunsPage({ workspace }: { workspace?: string | undefined }) {
  const runs = useQuery({
    queryKey: ["runs", workspace],
    queryFn: () => getRuns(workspace),
    refetchInterval: RENEW_MS,
  });
  const now = useNow();
  const canWork = useCanWork(workspace ?? "");
  return (
    <>
      <div className={shared["head"]}>
        <h1>Runs</h1>
        {canWork && (
          <a className={shared["linkButton"]} href="#/new">
            New training
          </a>
        )}
      </div>
      {runs.error && (
        <Notice tone="bad" title={runs.error.message}>
          {runs.data
            ? `Below is what was known ${formatDuration((now - runs.dataUpdatedAt) / 1000)} ago. This page asks again by itself.`
            : "This page asks again by itself."}
        </Notice>
      )}
      {workspace !== undefined && <QueueCard workspace={workspace} />}
      {runs.data && <RunList workspace={workspace} runs={runs.data} now={now} at={runs.dataUpdatedAt} />}
      {runs.isPending && <p className={styles["loading"]}>Looking for runs…</p>}
    </>
  );
}

/** As many as the server compares at once. */
const MOST = 20;

interface RunListProps {
  workspace: string | undefined;
  runs: RunSummary[];
  now: number;
  at: number;
}

function RunList({ workspace, runs, now, at }: RunListProps) {
  const [chosen, setChosen] = useState<string[]>([]);
  const selected = chosen.filter((id) => runs.some((run) => run.id === id));
  if (runs.length === 0) {
    return (
      <Card label="No runs">
        <Empty title="No training has run here yet">
          {workspace !== undefined && (
            <p>
              With images of your own, <a href={`#/w/${encodeURIComponent(workspace)}/projects`}>make a project</a>: put
              them into it, freeze a version, and train on that.
            </p>
          )}
          <p>
            Or <a href="#/new">start one</a> on a folder that lies on this server, or run{" "}
            <code>epochal train FOLDER</code> with the same data folder: it appears here by itself.
          </p>
        </Empty>
      </Card>
    );
  }
  return (
    <>
      {runs.length > 1 && (
        <p className={styles["compare"]}>
          {selected.length >= 2 ? (
            <a href={`#/compare/${selected.map(encodeURIComponent).join("/")}`}>Compare {selected.length} runs</a>
          ) : (
            "Tick two or more runs to compare them; the first one ticked is what the others are set against."
          )}
        </p>
      )}
      <ul className={styles["runs"]}>
        {runs.map((run) => (
          <li key={run.id} data-can-choose={runs.length > 1}>
            {runs.length > 1 && (
              <input
                type="checkbox"
                aria-label={`Compare ${run.id}`}
                checked={selected.includes(run.id)}
                disabled={selected.length >= MOST && !selected.includes(run.id)}
                onChange={(event) =>
                  setChosen(event.target.checked ? [...selected, run.id] : selected.filter((id) => id !== run.id))
                }
              />
            )}
            <RunRow run={run} ageS={run.age_s + (now - at) / 1000} />
          </li>
        ))}
      </ul>
    </>
  );
}

function RunRow({ run, ageS }: { run: RunSummary; ageS: number }) {
  const { best, verdict } = run;
  return (
    <a className={`${cards["row"]} ${styles["row"]}`} href={`#/runs/${encodeURIComponent(run.id)}`} data-testid="run">
      <div className={styles["name"]}>
        <strong>{run.name}</strong>
        <span>{[run.dataset, run.model].filter(Boolean).join(" · ")}</span>
      </div>
      <div className={styles["progress"]}>
        <div>
          <StateBadge state={run.state} />
          <span>
            {run.epoch === null
              ? "no epoch yet"
              : `epoch ${run.epoch}${run.epochs === null ? "" : ` of ${run.epochs}`}`}
          </span>
        </div>
        <ProgressBar epoch={finishedEpochs(run)} epochs={run.epochs} />
      </div>
      <Sparkline values={run.spark ?? []} label={`mAP_0.5:0.95 of ${run.name} by epoch`} />
      <div className={styles["best"]}>
        <strong>{best ? formatFraction(best.value) : "–"}</strong>
        <span>{best ? `best, epoch ${best.epoch}` : "no mAP yet"}</span>
      </div>
      <div className={styles["verdict"]}>
        <span>{verdict ? describeVerdict(verdict).title : "not read yet"}</span>
        <span className={styles["age"]}>{formatDuration(Math.floor(ageS))} ago</span>
      </div>
    </a>
  );
}
