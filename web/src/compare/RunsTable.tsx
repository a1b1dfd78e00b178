/** What each run reached, beside each other: the numbers behind the sentences. */
import type { ReactNode } from "react";
import type { Best, GraphDocument } from "../graphs/document";
import { own, shownEpoch } from "../graphs/document";
import { titleOf } from "../graphs/panels";
import { formatFraction } from "../ui/format";
import type { Comparison } from "./comparison";
import scrolls from "../ui/scrollTable.module.css";
import styles from "./RunsTable.module.css";

interface RunsTableProps {
  documents: GraphDocument[];
  comparison: Comparison;
  /** The name of a run as a link, and its state, where there is a server. */
  nameOf?: ((run: number) => ReactNode) | undefined;
}

export function RunsTable({ documents, comparison, nameOf }: RunsTableProps) {
  const best = documents.map((doc, run) => comparison.runs[run]?.best ?? doc.best);
  const top = Math.max(...best.map((one) => one?.value ?? -Infinity));
  const metrics = [...new Set(best.flatMap((one) => (one ? [one.metric] : [])))];
  const isOneMetric = metrics.length === 1;
  const title = isOneMetric && documents[0] ? titleOf(documents[0], metrics[0] ?? "") : "mAP";
  const intervals = documents.map((doc, run) => intervalOf(doc, best[run] ?? null));
  const hasIntervals = intervals.some((text) => text !== null);
  return (
    <div
      className={`${scrolls["scroll"]} ${styles["scroll"]}`}
      tabIndex={0}
      role="region"
      aria-label="What each run reached"
    >
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Best {title} on val</th>
            {hasIntervals && <th scope="col">95 % interval</th>}
            <th scope="col">at epoch</th>
            <th scope="col">Epochs</th>
          </tr>
        </thead>
        <tbody>
          {documents.map((doc, run) => {
            const reached = best[run];
            return (
              <tr key={run}>
                <th scope="row">{nameOf?.(run) ?? doc.name}</th>
                <td className={isOneMetric && reached?.value === top ? styles["top"] : undefined}>
                  {reached
                    ? `${formatFraction(reached.value)}${isOneMetric ? "" : ` ${titleOf(doc, reached.metric)}`}`
                    : "–"}
                </td>
                {hasIntervals && <td>{intervals[run] ?? "–"}</td>}
                <td>{reached ? shownEpoch(doc, reached.epoch) : "–"}</td>
                <td>
                  {doc.epochs.length}
                  {doc.epochs_planned !== null && doc.epochs_planned > doc.epochs.length && ` of ${doc.epochs_planned}`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function intervalOf(doc: GraphDocument, best: Best | null): string | null {
  if (!best) return null;
  const at = doc.epochs.indexOf(best.epoch);
  const [low, high] = ["low", "high"].map((end) => own(doc.series, `${best.metric}/${end}`)?.[at]);
  return typeof low === "number" && typeof high === "number"
    ? `${formatFraction(low)} to ${formatFraction(high)}`
    : null;
}
