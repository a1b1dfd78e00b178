/** What goes wrong and what would help: errors by what mending them gains, sizes, recommendations, suspect labels. */
import { Card } from "../ui/controls";
import { formatCount, formatFraction } from "../ui/format";
import { BoxList } from "./BoxList";
import styles from "./Diagnostics.module.css";
import { boxText, errorBars, suspicionText, triggerText } from "./diagnostics";
import type { ErrorTypes, EvaluationNumbers, Recommendation, SizeNumbers } from "./numbers";

interface DiagnosticsProps {
  numbers: EvaluationNumbers;
  fileUrl: ((path: string) => string) | undefined;
}

export function Diagnostics({ numbers, fileUrl }: DiagnosticsProps) {
  const { errors, sizes, recommendations = [], suspicions, examples = [] } = numbers;
  const suspects = suspicions?.boxes ?? [];
  return (
    <>
      {(errors ?? sizes) && (
        <Card label="Errors and sizes">
          <div className={styles["halves"]}>
            {errors && <Errors errors={errors} />}
            {sizes && <Sizes sizes={sizes} />}
          </div>
        </Card>
      )}
      {recommendations.length > 0 && (
        <Card label="Recommendations">
          <h2>What would help</h2>
          <ul className={styles["advice"]}>
            {recommendations.map((one, i) => (
              <Advice key={i} one={one} />
            ))}
          </ul>
        </Card>
      )}
      {suspects.length > 0 && (
        <Card label="Suspect labels">
          <h2>Labels to look at</h2>
          <p className={styles["muted"]}>
            Here the model is sure and the label says something else; the most suspect first. Solid is the label, dashed
            what the model says. Pictures are shown of the examples alone.
          </p>
          <BoxList
            examples={examples}
            fileUrl={fileUrl}
            groups={suspects.map((one) => ({
              file_name: one.file_name,
              caption: suspicionText(one),
              truth: one.box_xyxy ? [one.box_xyxy] : [],
              predictions: one.suggested_xyxy ? [one.suggested_xyxy] : [],
              lines: [
                `label ${boxText(one.box_xyxy)} · model ${boxText(one.suggested_xyxy)}`,
                one.confidence == null ? "" : `confidence ${formatFraction(one.confidence)}`,
              ].filter(Boolean),
            }))}
          />
        </Card>
      )}
    </>
  );
}

function Errors({ errors }: { errors: ErrorTypes }) {
  const bars = errorBars(errors);
  const most = Math.max(1e-6, ...bars.map((bar) => bar.gain));
  return (
    <div>
      <h2>What mending each error would gain</h2>
      <p className={styles["muted"]}>
        Points of mAP_0.5, if this kind of error alone were gone (TIDE, Bolya et al. 2020). The gains do not add up.
      </p>
      <ul className={styles["bars"]}>
        {bars.map((bar) => (
          <li key={bar.id} title={bar.sentence}>
            <span>{bar.title}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect width={Math.max(0.5, (100 * Math.max(0, bar.gain)) / most)} height="10" />
            </svg>
            <strong>+{(100 * bar.gain).toFixed(1)}</strong>
            <small>
              {formatCount(bar.count)} × {bar.sentence}
            </small>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Sizes({ sizes }: { sizes: Record<string, SizeNumbers> }) {
  return (
    <div>
      <h2>By size of the object</h2>
      <p className={styles["muted"]}>Sizes are areas of the box in the original image, as in COCO.</p>
      <div className={styles["scroll"]}>
        <table>
          <thead>
            <tr>
              <th scope="col">Size</th>
              <th scope="col">Annotations</th>
              <th scope="col">mAP_0.5:0.95</th>
              <th scope="col">mAP_0.5</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(sizes).map(([name, size]) => (
              <tr key={name}>
                <th scope="row">
                  {name} <small>{areaText(size.area_px2)}</small>
                </th>
                <td>{formatCount(size.annotations)}</td>
                <td>{formatFraction(size["mAP_0.5:0.95"])}</td>
                <td>{formatFraction(size["mAP_0.5"])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Areas are squares of round widths: 1024 px² reads as 32 × 32. */
function areaText([low, high]: SizeNumbers["area_px2"]): string {
  const side = (area: number): string => `${Math.round(Math.sqrt(area))}²`;
  if (high === null) return `from ${side(low)} px`;
  return low === 0 ? `below ${side(high)} px` : `${side(low)} to ${side(high)} px`;
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
