/** The final evaluation: how good the model is on images that it never learned from. */
import { useState } from "react";
import { Card, Tile, Tiles } from "../ui/controls";
import { formatCount, formatFraction } from "../ui/format";
import { ClassTable } from "./ClassTable";
import { ConfusionMatrix } from "./ConfusionMatrix";
import { CurvesExplorer } from "./CurvesExplorer";
import { Diagnostics } from "./Diagnostics";
import styles from "./EvaluationSection.module.css";
import { Examples } from "./Examples";
import type { EvaluationNumbers, Interval } from "./numbers";

interface EvaluationSectionProps {
  numbers: EvaluationNumbers;
  /** Address of a file of the run, for example images that are not in the document. */
  fileUrl?: (path: string) => string;
}

export function EvaluationSection({ numbers, fileUrl }: EvaluationSectionProps) {
  const [confidence, setConfidence] = useState(numbers.confidence ?? 0.25);
  return (
    <>
      <Card label="Final evaluation">
        <div className={styles["stack"]}>
          <div>
            <h2>Final evaluation on {numbers.split}</h2>
            <p className={styles["muted"]}>{splitSentence(numbers)}</p>
          </div>
          <ScoreTiles numbers={numbers} />
          <CurvesExplorer numbers={numbers} confidence={confidence} onConfidence={setConfidence} />
        </div>
      </Card>
      {(numbers.per_class ?? numbers.confusion) && (
        <Card label="Classes">
          <div className={styles["halves"]}>
            {numbers.per_class && <ClassTable perClass={numbers.per_class} />}
            {numbers.confusion && (
              <ConfusionMatrix confusion={numbers.confusion} examples={numbers.examples ?? []} fileUrl={fileUrl} />
            )}
          </div>
        </Card>
      )}
      <Diagnostics numbers={numbers} fileUrl={fileUrl} />
      {numbers.examples && numbers.examples.length > 0 && (
        <Card label="Examples">
          <Examples numbers={numbers} confidence={confidence} onConfidence={setConfidence} fileUrl={fileUrl} />
        </Card>
      )}
    </>
  );
}

function ScoreTiles({ numbers }: { numbers: EvaluationNumbers }) {
  const at = numbers.confidence === null ? "" : `at confidence ${formatFraction(numbers.confidence)}, IoU 0.5`;
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
        value={formatFraction(numbers.precision)}
        note={at}
        title="Of the boxes that the model draws, the share that is right."
      />
      <Tile
        name="Recall"
        value={formatFraction(numbers.recall)}
        note={at}
        title="Of the objects that are there, the share that the model finds."
      />
    </Tiles>
  );
}

function intervalText(interval: Interval | undefined): string {
  if (!interval || interval.low === null || interval.high === null) return "no interval";
  return `95 % interval ${formatFraction(interval.low)} to ${formatFraction(interval.high)}`;
}

function splitSentence(numbers: EvaluationNumbers): string {
  const size = `${formatCount(numbers.images)} images${numbers.annotations === undefined ? "" : `, ${formatCount(numbers.annotations)} annotations`}`;
  if (numbers.split === "val") {
    return `${size}. The dataset has no test split, so these are the images that also chose the best epoch: the numbers are a little too good.`;
  }
  return `${size}. The model saw none of them during training, and they chose nothing: these are the numbers to quote.`;
}
