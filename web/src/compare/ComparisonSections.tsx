/** Several runs beside each other: which is better, their graph, their recipes. The same in the report and in the app. */
import { useCallback, useMemo } from "react";
import type { GraphDocument } from "../graphs/document";
import type { CompareView, View } from "../graphs/view";
import { Card } from "../ui/controls";
import { formatFraction } from "../ui/format";
import type { Comparison, PairedDifference } from "./comparison";
import { comparableSeries } from "./comparison";
import styles from "./ComparisonSections.module.css";
import { Overlay } from "./Overlay";
import { RecipesBeside } from "./RecipesBeside";

interface ComparisonSectionsProps {
  documents: GraphDocument[];
  comparison: Comparison;
  view: View;
  onView: (change: Partial<View>) => void;
}

export function ComparisonSections({ documents, comparison, view, onView }: ComparisonSectionsProps) {
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
      {pairs.length + groups.length > 0 && (
        <Card label="Differences">
          <h2>Which is better?</h2>
          <ul className={styles["sentences"]}>
            {pairs.map((pair) => (
              <li key={pair.second}>
                <span className={styles["badge"]} data-kind={pair.is_real == null ? "open" : String(pair.is_real)}>
                  {badge(pair)}
                </span>
                <p>
                  {pair.sentence}
                  <small>{method(pair)}</small>
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

function method({ method: how, images, resamples, low, high, chance_second_better: chance }: PairedDifference): string {
  if (how === "numbers") return "By the best value of each run alone.";
  const range =
    low == null || high == null
      ? ""
      : ` Difference of mAP_0.5:0.95 from ${formatFraction(low)} to ${formatFraction(high)} (95 %).`;
  const odds = chance == null ? "" : ` The second is better in ${Math.round(chance * 100)} % of them.`;
  return `Paired bootstrap: the same ${images} images for both, ${resamples} resamples.${range}${odds}`;
}
