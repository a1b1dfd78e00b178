/** Several runs beside each other: which is better, their graph, their recipes. The same in the report and in the app. */
import type { ReactNode } from "react";
import { useCallback, useMemo } from "react";
import type { GraphDocument } from "../graphs/document";
import type { CompareView, View } from "../graphs/view";
import { Card } from "../ui/controls";
import type { Comparison, PairedDifference } from "./comparison";
import { comparableSeries, describeMethod } from "./comparison";
import styles from "./ComparisonSections.module.css";
import { Overlay } from "./Overlay";
import { RecipesBeside } from "./RecipesBeside";
import { RunsTable } from "./RunsTable";

interface ComparisonSectionsProps {
  documents: GraphDocument[];
  comparison: Comparison;
  view: View;
  onView: (change: Partial<View>) => void;
  /** As of `RunsTable`. */
  nameOf?: (run: number) => ReactNode;
}

export function ComparisonSections({ documents, comparison, view, onView, nameOf }: ComparisonSectionsProps) {
  const { groups, pairs, recipes } = comparison;
  const series = useMemo(() => comparableSeries(documents), [documents]);
  const wanted = view.compare.metric ?? comparison.metric;
  const metric = series.find(({ key }) => key === wanted) ?? series[0];
  const { compare } = view;
  const change = useCallback(
    (some: Partial<CompareView>) => onView({ compare: { ...compare, ...some } }),
    [compare, onView],
  );
  return (
    <>
      {documents.length > 0 && (
        <Card label="Differences">
          <h2>Which is better?</h2>
          <RunsTable {...{ documents, comparison, nameOf }} />
          <ul className={styles["sentences"]}>
            {pairs.map((pair) => (
              <li key={pair.second}>
                <span className={styles["badge"]} data-kind={pair.is_real == null ? "open" : String(pair.is_real)}>
                  {badge(pair)}
                </span>
                <p>
                  {pair.sentence}
                  <small>{describeMethod(pair, documents)}</small>
                </p>
              </li>
            ))}
            {groups.map((group) => (
              <li key={group.runs.join()}>
                <span className={styles["badge"]}>Repeats</span>
                <p>
                  {group.sentence}
                  <small>{group.runs.map((run) => documents[run]?.name).join(", ")}</small>
                </p>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Card label="Runs on one graph">
        {metric ? (
          <Overlay {...{ documents, comparison, series, metric }} view={view.compare} onView={change} />
        ) : (
          <p>These runs hold no series that can be compared.</p>
        )}
      </Card>
      {recipes.length > 0 && (
        <Card label="Recipes compared">
          <RecipesBeside names={documents.map((doc) => doc.name)} rows={recipes} />
        </Card>
      )}
    </>
  );
}

function badge({ is_real, method: how }: PairedDifference): string {
  if (how === "numbers" || is_real == null) return "Not tested";
  return is_real ? "Real" : "May be chance";
}
