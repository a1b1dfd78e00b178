/** Runs that were selected in the list, beside each other. */
import { useQuery } from "@tanstack/react-query";
import { ComparisonSections } from "../compare/ComparisonSections";
import type { View } from "../graphs/view";
import { getComparison, getGraph, getRun } from "../server/api";
import { hasEnded } from "../server/states";
import { Button } from "../ui/controls";
import { Notice } from "../ui/Notice";
import styles from "./ComparePage.module.css";
import { StateBadge } from "./StateBadge";

/** While a run goes on; its graph is read on then, and not anew. */
const LOOK_EVERY_MS = 15_000;

interface ComparePageProps {
  ids: string[];
  view: View;
  onView: (change: Partial<View>) => void;
}

export function ComparePage({ ids, view, onView }: ComparePageProps) {
  const answer = useQuery({
    queryKey: ["compare", ...ids],
    queryFn: async () => {
      const [comparison, documents, runs] = await Promise.all([
        getComparison(ids),
        Promise.all(ids.map(getGraph)),
        Promise.all(ids.map(getRun)),
      ]);
      return { comparison, documents, runs };
    },
    refetchInterval: ({ state }) => (state.data?.runs.some((run) => !hasEnded(run.state)) ? LOOK_EVERY_MS : false),
  });
  const runs = answer.data?.runs ?? [];
  const isLive = runs.some((run) => !hasEnded(run.state));
  const nameOf = (run: number) => {
    const { id, name, state } = runs[run] ?? {};
    if (id === undefined || state === undefined) return undefined;
    return (
      <span className={styles["name"]}>
        <a href={`#/runs/${encodeURIComponent(id)}`}>{name}</a> {!hasEnded(state) && <StateBadge state={state} />}
      </span>
    );
  };
  return (
    <>
      <a className={styles["back"]} href="#/">
        ← All runs
      </a>
      <h1>
        {ids.length === 2
          ? (runs.length === 2 ? runs.map((run) => run.name) : ids).join(" and ")
          : `${ids.length} runs compared`}
      </h1>
      {answer.error && (
        <Notice
          tone="bad"
          title="These runs cannot be compared"
          actions={<Button onClick={() => void answer.refetch()}>Try now</Button>}
        >
          {answer.error.message}
        </Notice>
      )}
      {answer.isPending && <p>Comparing…</p>}
      {isLive && <p className={styles["muted"]}>A run goes on; this page looks again every 15 seconds.</p>}
      {answer.data && (
        <ComparisonSections
          documents={answer.data.documents}
          comparison={answer.data.comparison}
          {...{ view, onView, nameOf }}
        />
      )}
    </>
  );
}
