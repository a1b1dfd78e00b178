/** What goes wrong and what would help: errors by what mending them gains, sizes, recommendations. */
import { Card } from "../ui/controls";
import { formatCount, formatFraction } from "../ui/format";
import styles from "./Diagnostics.module.css";
import { errorBars, triggerText } from "./diagnostics";
import type { ErrorBar } from "./diagnostics";
import type { ErrorTypes, EvaluationNumbers, Recommendation } from "./numbers";
import { SizeTable } from "./SizeTable";

export function Diagnostics({ numbers }: { numbers: EvaluationNumbers }) {
  const { errors, sizes, recommendations = [], split } = numbers;
  return (
    <>
      {(errors ?? sizes) && (
        <Card label="Errors and sizes">
          <div className={styles["halves"]}>
            {errors && <Errors errors={errors} confidence={numbers.confidence} />}
            {sizes && <SizeTable sizes={sizes} />}
          </div>
        </Card>
      )}
      {recommendations.length > 0 && (
        <Card label="Recommendations">
          <h2>What would help, going by {split}</h2>
          <ul className={styles["advice"]}>
            {recommendations.map((one, i) => (
              <Advice key={i} one={one} />
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}

function Errors({ errors, confidence }: { errors: ErrorTypes; confidence: number | null }) {
  const bars = errorBars(errors);
  const { all_false_positives, all_missed } = errors;
  const sides = errorBars({
    ...errors,
    types: { ...(all_false_positives && { all_false_positives }), ...(all_missed && { all_missed }) },
  });
  const most = Math.max(1e-6, ...[...bars, ...sides].map((bar) => bar.gain));
  return (
    <div>
      <h2>What mending each error would gain</h2>
      <p className={styles["muted"]}>
        Points of mAP_0.5, now {formatFraction(errors["mAP_0.5"])}, if this kind of error alone were gone (TIDE, Bolya
        et al. 2020). The gains do not add up.
        {confidence !== null && ` Counted are the boxes from confidence ${confidence.toFixed(2)} on.`}
      </p>
      <Bars bars={bars} most={most} label="Kinds of error" />
      {sides.length > 0 && <h3 className={styles["sub"]}>All of one side</h3>}
      <Bars bars={sides} most={most} label="All errors of one side" />
    </div>
  );
}

function Bars({ bars, most, label }: { bars: ErrorBar[]; most: number; label: string }) {
  return (
    <ul className={styles["bars"]} aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.id}>
          <span>{bar.title}</span>
          <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect width={Math.max(0.5, (100 * Math.max(0, bar.gain)) / most)} height="10" />
          </svg>
          <strong>
            {bar.gain < 0 ? "−" : "+"}
            {(100 * Math.abs(bar.gain)).toFixed(1)}
          </strong>
          <small>
            {formatCount(bar.count)} × {bar.sentence}
          </small>
        </li>
      ))}
    </ul>
  );
}

function Advice({ one }: { one: Recommendation }) {
  return (
    <li>
      <strong>{one.message}</strong>
      <p>{one.remedy}</p>
      <small>Because: {triggerText(one)}.</small>
    </li>
  );
}
