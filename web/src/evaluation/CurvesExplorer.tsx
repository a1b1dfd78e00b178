/** Precision against recall, and all three against confidence with a threshold that can be dragged. */
import { useState } from "react";
import { Button } from "../ui/controls";
import { formatFraction } from "../ui/format";
import { LinePlot } from "../ui/LinePlot";
import styles from "./CurvesExplorer.module.css";
import { bestConfidence, curvesOf, nearestIndex } from "./curves";
import type { EvaluationNumbers } from "./numbers";

interface CurvesExplorerProps {
  numbers: EvaluationNumbers;
  confidence: number;
  onConfidence: (confidence: number) => void;
}

export function CurvesExplorer({ numbers, confidence, onConfidence }: CurvesExplorerProps) {
  const [className, setClassName] = useState<string | null>(null);
  const curves = curvesOf(numbers, className);
  if (!curves) return null;
  const names = Object.keys(numbers.curves?.per_class ?? {});
  const at = nearestIndex(curves.confidence, confidence);
  const [precision, recall, f1] = [curves.precision[at] ?? null, curves.recall[at] ?? null, curves.f1[at] ?? null];
  const top = bestConfidence(curves);
  return (
    <div className={styles["stack"]}>
      {names.length > 1 && (
        <label className={styles["classes"]}>
          Curves of
          <select value={className ?? ""} onChange={(event) => setClassName(event.target.value || null)}>
            <option value="">all classes</option>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className={styles["plots"]}>
        <figure>
          <figcaption>
            <strong>Precision against recall</strong>
            <p>
              Every confidence threshold is a point of the curve; the chosen one lies on the upright line. The area
              below is mAP_0.5.
            </p>
          </figcaption>
          <LinePlot
            label="Precision against recall"
            xLabel="recall"
            yLabel="precision"
            curves={[{ name: "pr", hue: 1, x: curves.pr.recall, y: curves.pr.precision }]}
            at={recall ?? undefined}
          />
        </figure>
        <figure>
          <figcaption>
            <strong>Choosing a confidence threshold</strong>
            <p>Boxes below the threshold are dropped. Drag the line to see what that costs.</p>
          </figcaption>
          <LinePlot
            label="Precision, recall and F1 against confidence"
            xLabel="confidence"
            yLabel=""
            curves={[
              { name: "precision", hue: 2, x: curves.confidence, y: curves.precision, isDashed: true },
              { name: "recall", hue: 4, x: curves.confidence, y: curves.recall, isDashed: true },
              { name: "F1", hue: 3, x: curves.confidence, y: curves.f1 },
            ]}
            range={top && [top.from, top.to]}
            at={confidence}
            onPick={onConfidence}
          />
          <label className={styles["slider"]}>
            <span>Confidence</span>
            <input
              type="range"
              min="0"
              max="1"
              step="0.01"
              value={confidence}
              onChange={(event) => onConfidence(Number(event.target.value))}
            />
            <output>{confidence.toFixed(2)}</output>
          </label>
          <p className={styles["values"]} data-testid="threshold-values" aria-live="polite">
            <span data-name="precision">precision {formatFraction(precision)}</span>
            <span data-name="recall">recall {formatFraction(recall)}</span>
            <span data-name="f1">F1 {formatFraction(f1)}</span>
          </p>
          {top && (
            <p className={styles["best"]}>
              <Button onClick={() => onConfidence(top.best)}>Best balance: {top.best.toFixed(2)}</Button>
              <span>
                {top.to - top.from > 0.015
                  ? `Anywhere from ${top.from.toFixed(2)} to ${top.to.toFixed(2)} is as good, within 1 %.`
                  : "The best balance is narrow here."}
              </span>
            </p>
          )}
        </figure>
      </div>
    </div>
  );
}
