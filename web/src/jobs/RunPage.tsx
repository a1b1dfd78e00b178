/** One run: its state and what can be done, then the same graph as in the report, live. */
import { useEffect, useMemo } from "react";
import { EvaluatedRun } from "../evaluation/access";
import { shownEpoch } from "../graphs/document";
import { RunSections } from "../graphs/RunSections";
import type { View } from "../graphs/view";
import type { RunSummary } from "../server/api";
import { evaluatedRun, fileUrl } from "../server/api";
import type { RunLive } from "../server/RunFollower";
import { adviseOn, hasEnded } from "../server/states";
import { Button, Card } from "../ui/controls";
import shared from "../ui/shared.module.css";
import { formatDuration, formatFraction } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import { useNow } from "../ui/useNow";
import { logUrl } from "../versions/trainings";
import { LogCard } from "./LogCard";
import { QueuedActions } from "./QueuedActions";
import { RunActions } from "./RunActions";
import { RunFiles } from "./RunFiles";
import { RunHeader } from "./RunHeader";
import styles from "./RunPage.module.css";
import { useRun } from "./useRun";

interface RunPageProps {
  id: string;
  view: View;
  onView: (change: Partial<View>) => void;
}

export function RunPage({ id, view, onView }: RunPageProps) {
  const { live, follower } = useRun(id);
  const { doc, summary } = live;
  const now = useNow();
  const images = useMemo(() => evaluatedRun(id), [id]);
  useTitle(summary);
  if (!summary || !doc) return <NotHere id={id} live={live} onRetry={() => void follower.retry()} />;
  const { training } = summary;
  const ageS = summary.age_s + (now - live.summaryAt) / 1000;
  const advice = adviseOn(summary, ageS, lastEpoch(live));
  const isLive = !hasEnded(summary.state);
  return (
    <>
      <RunHeader summary={summary} ageS={ageS} doc={doc} training={training}>
        {training ? (
          <QueuedActions
            workspace={training.workspace}
            id={id}
            isDone={summary.state === "finished" || summary.state === "stopped"}
            onChanged={() => void follower.load()}
          />
        ) : (
          <RunActions
            summary={summary}
            onAnswer={(answer) => follower.takeSummary(answer)}
            onDone={() => void follower.load()}
          />
        )}
      </RunHeader>
      {live.connection === "lost" && <Lost live={live} now={now} onRetry={() => void follower.retry()} />}
      {advice && live.connection !== "lost" && (
        <Notice
          tone={summary.state === "stalled" ? "warn" : "bad"}
          title={advice.title}
          actions={<a href={fileUrl(id, "log.txt")}>Open the log</a>}
        >
          {advice.text}
        </Notice>
      )}
      {doc.epochs.length > 0 ? (
        <EvaluatedRun value={images}>
          <RunSections doc={doc} isLive={isLive} view={view} onView={onView} />
        </EvaluatedRun>
      ) : (
        <NoEpoch isLive={isLive} message={summary.message} />
      )}
      <RunFiles id={id} summary={summary} />
      {training && <LogCard url={logUrl(training.workspace, id)} fileUrl={fileUrl(id, "log.txt")} />}
      <p className={shared["spoken"]} aria-live="polite" data-testid="live-epoch">
        {announcement(summary, live)}
      </p>
    </>
  );
}

function Lost({ live, now, onRetry }: { live: RunLive; now: number; onRetry: () => void }) {
  const isGone = live.error?.status === 404;
  const awayS = Math.floor((now - (live.lostAt ?? now)) / 1000);
  return (
    <Notice
      tone={isGone ? "bad" : "warn"}
      title={isGone ? "This run is gone" : `No connection for ${formatDuration(Math.max(0, awayS))}`}
      actions={<Button onClick={onRetry}>Try now</Button>}
    >
      {isGone
        ? live.error?.message
        : `${live.error?.message ?? "The server does not answer."} This page tries again by itself and goes on after epoch ${lastEpoch(live)}; nothing is lost.`}
    </Notice>
  );
}

function NoEpoch({ isLive, message }: { isLive: boolean; message: string }) {
  return (
    <Card label="No epoch yet">
      <Empty title={isLive ? "The first epoch is under way" : "No epoch was finished"}>
        <p>
          {isLive
            ? "The graph begins when it is done, by itself. Before that, the images are read once and made ready."
            : "There is nothing to draw. The log says how far it came."}
        </p>
        <p>{message}</p>
      </Empty>
    </Card>
  );
}

function NotHere({ id, live, onRetry }: { id: string; live: RunLive; onRetry: () => void }) {
  if (!live.error) return <p className={styles["loading"]}>Opening {id}…</p>;
  const isGone = live.error.status === 404;
  return (
    <Card label="Run cannot be shown">
      <Empty title={isGone ? "There is no such run" : "This run cannot be shown now"}>
        <p>{live.error.message}</p>
        <p>{isGone ? "It may have been renamed or deleted." : "This page tries again by itself."}</p>
        <p>
          <Button onClick={onRetry}>Try now</Button> <a href="#/">All runs</a>
        </p>
      </Empty>
    </Card>
  );
}

function lastEpoch({ doc }: RunLive): number {
  const last = doc?.epochs.at(-1);
  return doc && last !== undefined ? shownEpoch(doc, last) : 0;
}

/** For people who hear the page: once an epoch, not at every tick. */
function announcement(summary: RunSummary, live: RunLive): string {
  const best = summary.best ? `, best mAP ${formatFraction(summary.best.value)}` : "";
  return hasEnded(summary.state) ? `Run ${summary.state}${best}` : `Epoch ${lastEpoch(live)} is done${best}`;
}

function useTitle(summary: RunSummary | null): void {
  const state =
    summary && !hasEnded(summary.state) && summary.epoch !== null ? `${summary.epoch}/${summary.epochs} · ` : "";
  const title = summary ? `${state}${summary.name} · Epochal` : "Epochal";
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = "Epochal";
    };
  }, [title]);
}
