/** The evaluation of the best weights: how good the model is on images that it never learned from. */
import { useCallback } from "react";
import { Card, Choice, Tile, Tiles } from "../ui/controls";
import { formatCount, formatFraction } from "../ui/format";
import { ClassTable } from "./ClassTable";
import { ConfusionMatrix } from "./ConfusionMatrix";
import { CurvesExplorer } from "./CurvesExplorer";
import { chosenOf } from "./curves";
import { Diagnostics } from "./Diagnostics";
import styles from "./EvaluationSection.module.css";
import { Examples } from "./Examples";
import type { EvaluationNumbers, Interval } from "./numbers";
import { Suspicions } from "./Suspicions";
import type { EvaluationView } from "./view";

interface EvaluationSectionProps {
  final: EvaluationNumbers;
  /** On val, where the final one is on test. */
  onVal: EvaluationNumbers | undefined;
  chosen: EvaluationView;
  onView: (change: { evaluation: EvaluationView }) => void;
}

const NOTHING_FOUND = 0.25;

export function EvaluationSection({ final, onVal, chosen, onView }: EvaluationSectionProps) {
  const choose = useCallback(
    (change: Partial<EvaluationView>) => onView({ evaluation: { ...chosen, ...change } }),
    [chosen, onView],
  );
  const setConfidence = useCallback((confidence: number) => choose({ confidence }), [choose]);
  const confidence =
    chosen.confidence ?? chosenOf(final, null, 1)?.best.confidence ?? final.confidence ?? NOTHING_FOUND;
  const numbers = onVal && onVal.split === chosen.split ? onVal : final;
  const examples = final.examples ?? [];
  return (
    <>
      <Card label="Final evaluation">
        <div className={styles["stack"]}>
          <div>
            <div className={styles["head"]}>
              <h2>Final evaluation on {numbers.split}</h2>
              {onVal && (
                <Choice
                  label="Split"
                  value={numbers.split}
                  options={[final, onVal].map((one) => ({
                    value: one.split,
                    label: `${one.split}, ${formatCount(one.images)} images`,
                  }))}
                  onChange={(split) => choose({ split: split === final.split ? null : split, cell: null })}
                />
              )}
            </div>
            <p className={styles["muted"]}>{splitSentence(numbers, onVal !== undefined)}</p>
          </div>
          <ScoreTiles numbers={numbers} />
          <CurvesExplorer
            numbers={numbers}
            confidence={confidence}
            className={chosen.className}
            beta={chosen.beta}
            onChoose={choose}
          />
        </div>
      </Card>
      {numbers.confusion && (
        <Card label="Confusion matrix">
          <ConfusionMatrix
            key={numbers.split}
            split={numbers.split}
            saved={numbers.confusion}
            confidence={confidence}
            examples={numbers === final ? examples : []}
            open={chosen.cell}
            onOpen={(cell) => choose({ cell })}
          />
        </Card>
      )}
      {numbers.per_class && (
        <Card label="Classes">
          <ClassTable perClass={numbers.per_class} split={numbers.split} confidence={numbers.confidence} />
        </Card>
      )}
      <Diagnostics numbers={numbers} />
      <Suspicions key={`suspicions ${numbers.split}`} numbers={numbers} />
      <Examples
        key={`examples ${numbers.split}`}
        numbers={numbers}
        confidence={confidence}
        onConfidence={setConfidence}
      />
    </>
  );
}

function ScoreTiles({ numbers }: { numbers: EvaluationNumbers }) {
  const chosen = chosenOf(numbers, null, 1);
  const point = numbers.chosen ? (chosen?.checked ?? numbers) : numbers;
  const confidence = numbers.chosen ? (chosen?.best.confidence ?? null) : numbers.confidence;
  const by = numbers.chosen ? "chosen on val" : "IoU 0.5";
  const at = confidence === null ? "" : `at confidence ${formatFraction(confidence)}, ${by}`;
  const interval = numbers.interval;
  return (
    <Tiles>
      <Tile
        name="mAP_0.5:0.95"
        value={formatFraction(numbers["mAP_0.5:0.95"])}
        note={intervalText(interval?.["mAP_0.5:0.95"] ?? interval)}
      />
      <Tile name="mAP_0.5" value={formatFraction(numbers["mAP_0.5"])} note={intervalText(interval?.["mAP_0.5"])} />
      <Tile
        name="Precision"
        value={formatFraction(point.precision)}
        note={at}
        title="Of the boxes that the model draws, the share that is right."
      />
      <Tile
        name="Recall"
        value={formatFraction(point.recall)}
        note={at}
        title="Of the objects that are there, the share that the model finds."
      />
    </Tiles>
  );
}

function intervalText(interval: Interval | null | undefined): string {
  if (!interval || interval.low === null || interval.high === null) return "no interval";
  return `95 % interval ${formatFraction(interval.low)} to ${formatFraction(interval.high)}`;
}

function splitSentence(numbers: EvaluationNumbers, hasTest: boolean): string {
  const labels = numbers.annotations === undefined ? "" : `, ${formatCount(numbers.annotations)} annotations`;
  const size = `${formatCount(numbers.images)} ${numbers.images === 1 ? "image" : "images"}${labels}`;
  if (numbers.remark && numbers.split !== "val") return `${size}. ${numbers.remark}`;
  if (numbers.split === "test") {
    return `${size}. The model saw none of them during training, and they chose nothing: these are the numbers to quote.`;
  }
  const chose = "these are the images that also chose the best epoch: the numbers are a little too good.";
  return hasTest
    ? `${size}. The model learned from none of them, but ${chose} Quote those of test.`
    : `${size}. The dataset has no test split, so ${chose}`;
}
