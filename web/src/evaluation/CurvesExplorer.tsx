/** Precision against recall, and all three against confidence with a threshold that can be dragged. */
import { Button, Choice } from "../ui/controls";
import { formatFraction } from "../ui/format";
import { LinePlot } from "../ui/LinePlot";
import shared from "../ui/shared.module.css";
import { ConfidenceSlider } from "./ConfidenceSlider";
import styles from "./CurvesExplorer.module.css";
import { classHues } from "./classHues";
import { chosenOf, curvesOf, fCurve, nearestIndex, readingAt } from "./curves";
import type { Beta, EvaluationNumbers } from "./numbers";
import { thresholdSentences } from "./thresholds";
import { ThresholdTable } from "./ThresholdTable";
import type { EvaluationView } from "./view";

interface CurvesExplorerProps {
  numbers: EvaluationNumbers;
  confidence: number;
  /** The class whose curves are shown; null for all. */
  className: string | null;
  beta: Beta;
  onChoose: (change: Partial<EvaluationView>) => void;
}

/** The curves have a point at each. */
const STEPS = 100;

const BETAS: { value: Beta; label: string; hint: string }[] = [
  { value: "0.5", label: "F0.5", hint: "A false alarm costs twice as much as a miss" },
  { value: "1", label: "F1", hint: "A false alarm costs as much as a miss" },
  { value: "2", label: "F2", hint: "A miss costs twice as much as a false alarm" },
];

export function CurvesExplorer(props: CurvesExplorerProps) {
  const { numbers, confidence, beta, onChoose } = props;
  const onConfidence = (threshold: number): void => onChoose({ confidence: threshold });
  const names = Object.keys(numbers.curves?.per_class ?? {});
  const className = names.find((name) => name === props.className) ?? null;
  const curves = curvesOf(numbers, className);
  if (!curves) return null;
  const f = fCurve(numbers, className, beta);
  const at = nearestIndex(curves.confidence, confidence);
  const reading = readingAt(numbers, className, beta, confidence);
  const chosen = chosenOf(numbers, className, Number(beta));
  return (
    <div className={styles["stack"]}>
      <div className={styles["controls"]}>
        <ClassChoice names={names} value={className} onChange={(name) => onChoose({ className: name })} />
        <span className={styles["weigh"]}>
          Weigh by
          <Choice
            label="How much a miss costs"
            value={beta}
            options={BETAS}
            onChange={(chosen) => onChoose({ beta: chosen })}
          />
          <small>{BETAS.find((one) => one.value === beta)?.hint}.</small>
        </span>
      </div>
      <div className={styles["plots"]}>
        <figure>
          <figcaption>
            <strong>Precision against recall</strong>
            <p>
              Every threshold is a point of a class’s curve; the dots are the one that is chosen.{" "}
              {className === null
                ? "Thick is the mean of the classes; below it lies mAP_0.5."
                : "Below it lies AP_0.5."}
            </p>
          </figcaption>
          <PrPlot numbers={numbers} className={className} at={at} />
        </figure>
        <figure>
          <figcaption>
            <strong>Choosing a confidence threshold</strong>
            <p>Boxes below the threshold are dropped. Drag the line to see what that costs.</p>
          </figcaption>
          <LinePlot
            label={`Precision, recall and F${beta} against confidence`}
            xLabel="confidence"
            yLabel=""
            curves={[
              { name: "precision", hue: 2, x: curves.confidence, y: curves.precision, isDashed: true },
              { name: "recall", hue: 4, x: curves.confidence, y: curves.recall, isDashed: true },
              { name: "F", hue: 3, x: curves.confidence, y: f },
            ]}
            range={chosen && [chosen.best.low, chosen.best.high]}
            at={confidence}
            onPick={(picked) => onConfidence(Math.round(picked * STEPS) / STEPS)}
          />
          <ConfidenceSlider
            className={styles["slider"]}
            label="Confidence"
            value={confidence}
            onChange={onConfidence}
          />
          <p className={styles["values"]} data-testid="threshold-values" aria-live="polite">
            <span data-name="precision">precision {formatFraction(reading.precision)}</span>
            <span data-name="recall">recall {formatFraction(reading.recall)}</span>
            <span data-name="f">
              F{beta} {formatFraction(reading.f)}
            </span>
          </p>
          {chosen && (
            <div className={styles["best"]} data-testid="best-threshold">
              <Button onClick={() => onConfidence(chosen.best.confidence)}>
                Best F{beta}: {formatFraction(chosen.best.confidence)}
              </Button>
              <ul>
                {thresholdSentences(chosen, { beta, split: numbers.split, isOneClass: className !== null }).map(
                  (text) => (
                    <li key={text}>{text}</li>
                  ),
                )}
              </ul>
            </div>
          )}
        </figure>
      </div>
      <ThresholdTable numbers={numbers} beta={Number(beta)} onConfidence={onConfidence} />
    </div>
  );
}

const DRAWN_MAX = 7;

/** The mean of all classes has no dot: one threshold stands at another recall in each class. */
function PrPlot({ numbers, className, at }: { numbers: EvaluationNumbers; className: string | null; at: number }) {
  const names = Object.keys(numbers.curves?.per_class ?? {});
  const hues = classHues(numbers);
  const drawn = className !== null ? [className] : names.length <= DRAWN_MAX ? names : [];
  const classes = drawn.flatMap((name) => {
    const curves = curvesOf(numbers, name);
    return curves ? [{ name, curves, hue: hues.get(name) ?? 8 }] : [];
  });
  const mean = className === null && numbers.curves;
  return (
    <>
      <LinePlot
        label="Precision against recall"
        xLabel="recall"
        yLabel="precision"
        curves={[
          ...classes.map(({ name, curves, hue }) => ({ name, hue, x: curves.pr.recall, y: curves.pr.precision })),
          ...(mean ? [{ name: "", hue: 0, x: mean.pr.recall, y: mean.pr.precision }] : []),
        ]}
        dots={classes.flatMap(({ curves, hue }) => {
          const [precision, recall] = [curves.precision[at], curves.recall[at]];
          return precision == null || recall == null ? [] : [{ x: recall, y: precision, hue }];
        })}
      />
      <ul className={styles["legend"]}>
        {classes.map(({ name, hue }) => (
          <li key={name} data-hue={hue}>
            {name}
          </li>
        ))}
      </ul>
    </>
  );
}

interface ClassChoiceProps {
  names: string[];
  value: string | null;
  onChange: (name: string | null) => void;
}

function ClassChoice({ names, value, onChange }: ClassChoiceProps) {
  if (names.length < 2) return null;
  return (
    <label className={styles["classes"]}>
      Curves of
      <select
        className={shared["choose"]}
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value || null)}
      >
        <option value="">all classes</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
