/** Several runs beside each other: which is better, their graph, their recipes. The same in the report and in the app. */
import type { GraphDocument } from "../graphs/document";
import type { View } from "../graphs/view";
import { Card, Choice } from "../ui/controls";
import { formatFraction } from "../ui/format";
import type { Comparison, PairedDifference } from "./comparison";
import { comparableSeries, overlayLines, positions } from "./comparison";
import styles from "./ComparisonSections.module.css";
import { OverlayPlot } from "./OverlayPlot";
import { RecipesBeside } from "./RecipesBeside";

interface ComparisonSectionsProps {
  documents: GraphDocument[];
  comparison: Comparison;
  view: View;
  onView: (change: Partial<View>) => void;
}

export function ComparisonSections({ documents, comparison, view, onView }: ComparisonSectionsProps) {
  const { groups, pairs, recipes } = comparison;
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
        <Overlay {...{ documents, comparison, view, onView }} />
      </Card>
      {recipes.length > 0 && (
        <Card label="Recipes compared">
          <RecipesBeside names={documents.map((doc) => doc.name)} rows={recipes} />
        </Card>
      )}
    </>
  );
}

function Overlay({ documents, comparison, view, onView }: ComparisonSectionsProps) {
  const series = comparableSeries(documents);
  const wanted = view.metric ?? comparison.metric;
  const metric = series.find(({ key }) => key === wanted) ?? series[0];
  if (!metric) return <p>These runs hold no series that can be compared.</p>;
  const lines = overlayLines(documents, comparison, metric.key, view.along);
  const hasTime = documents.some((doc) => positions(doc, "time") !== null);
  const silent = documents.length - lines.filter((line) => !line.isMean).length;
  return (
    <div className={styles["stack"]}>
      <div className={styles["bar"]}>
        <h2>Runs on one graph</h2>
        <select
          aria-label="Series to compare"
          value={metric.key}
          onChange={(event) => onView({ metric: event.target.value })}
        >
          {series.map(({ key, title }) => (
            <option key={key} value={key}>
              {title}
            </option>
          ))}
        </select>
        <Choice
          label="Compare along"
          value={view.along}
          options={[
            { value: "epoch", label: "Epochs" },
            { value: "time", label: "Time", isDisabled: !hasTime, hint: hasTime ? "" : "The logs hold no times." },
            { value: "share", label: "Schedule", hint: "Which part of the planned epochs is done." },
          ]}
          onChange={(along) => onView({ along })}
        />
      </div>
      <OverlayPlot
        label={`${metric.title} of ${documents.length} runs`}
        along={view.along}
        lines={lines}
        isFraction={/^(metrics|class)\//.test(metric.key)}
      />
      {lines.some((line) => line.isMean) && (
        <p className={styles["muted"]}>Shaded: one standard deviation to each side of the mean of the repeats.</p>
      )}
      {silent > 0 && (
        <p className={styles["muted"]}>
          {silent} of {documents.length} runs {silent === 1 ? "has" : "have"} no values to draw here.
        </p>
      )}
    </div>
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
