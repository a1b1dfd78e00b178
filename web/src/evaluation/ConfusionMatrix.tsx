/** Which class is taken for which; a click on a cell shows the images behind it. */
import { useState } from "react";
import { Choice } from "../ui/controls";
import type { Cell } from "./access";
import { useAsked, useEvaluatedRun } from "./access";
import { CellImages } from "./CellImages";
import styles from "./ConfusionMatrix.module.css";
import { commonMistakes } from "./curves";
import { MatrixTable } from "./MatrixTable";
import type { Confusion, Example } from "./numbers";

interface ConfusionMatrixProps {
  split: string;
  /** As the evaluation saved it. */
  saved: Confusion;
  /** Where the threshold stands. */
  confidence: number;
  examples: Example[];
  /** Whose images are shown. */
  open: Cell | null;
  onOpen: (cell: Cell | null) => void;
}

const MANY = 26;
const WAIT_MS = 150;

export function ConfusionMatrix(props: ConfusionMatrixProps) {
  const { split, saved, confidence, examples, onOpen } = props;
  const { confusion, error, isLive } = useConfusion(split, saved, confidence);
  const open = props.open?.every((place) => place < confusion.classes.length) ? props.open : null;
  const [unit, setUnit] = useState<"count" | "share">("count");
  const [isUnfolded, setUnfolded] = useState(false);
  const mistakes = commonMistakes(confusion, 5);
  const hasImages = ([truth, seen]: Cell): boolean =>
    isLive ||
    (confusion.cells ?? []).some((one) => one.truth === truth && one.prediction === seen && one.boxes.length > 0);
  const table = <MatrixTable {...{ confusion, unit, open, hasImages }} onOpen={onOpen} />;
  return (
    <div>
      <div className={styles["head"]}>
        <h2>Confusion matrix on {split}</h2>
        <Choice
          label="Numbers in the matrix"
          value={unit}
          options={[
            { value: "count", label: "Counts" },
            { value: "share", label: "% of row" },
          ]}
          onChange={setUnit}
        />
      </div>
      <p className={styles["muted"]} data-testid="matrix-terms">
        {confusion.confidence === null
          ? `No prediction is right at IoU ${confusion.iou}, so no confidence is best and none takes part.`
          : `At confidence ${confusion.confidence.toFixed(2)} and IoU ${confusion.iou}${isLive ? ", as the threshold above stands" : ""}.`}{" "}
        The column background holds what was missed, the row background what was seen where nothing is, or seen twice.
        {hasOneCell(confusion, hasImages) && " Click a number to see the images behind it."}
      </p>
      {error && <p className={styles["muted"]}>The matrix cannot follow the threshold. {error}</p>}
      <div className={styles["halves"]}>
        {confusion.classes.length > MANY ? (
          <details onToggle={(event) => setUnfolded(event.currentTarget.open)}>
            <summary>Matrix of {confusion.classes.length - 1} classes</summary>
            {isUnfolded && table}
          </details>
        ) : (
          table
        )}
        {mistakes.length > 0 && (
          <div>
            <h3 className={styles["sub"]}>Most frequent mistakes</h3>
            <ul className={styles["mistakes"]}>
              {mistakes.map(({ count, text, cell }) => (
                <li key={text}>
                  <strong>{count} ×</strong>{" "}
                  {hasImages(cell) ? (
                    <button type="button" onClick={() => onOpen(cell)}>
                      {text}
                    </button>
                  ) : (
                    text
                  )}
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
      {open && <CellImages key={`${split} ${open.join(" ")}`} {...{ split, confusion, examples }} cell={open} />}
    </div>
  );
}

/** In the app the matrix follows the threshold; in a report, or without a server, it is the saved one. */
function useConfusion(
  split: string,
  saved: Confusion,
  confidence: number,
): { confusion: Confusion; error: string | null; isLive: boolean } {
  const access = useEvaluatedRun();
  const asked = useAsked(
    access && `${split} ${confidence}`,
    async () => ({ split, ...(await access?.getConfusion(split, confidence)) }) as Confusion & { split: string },
    WAIT_MS,
  );
  const isLive = asked.value?.split === split;
  return { confusion: isLive && asked.value ? asked.value : saved, error: asked.error, isLive };
}

function hasOneCell(confusion: Confusion, hasImages: (cell: Cell) => boolean): boolean {
  return confusion.matrix.some((row, truth) => row.some((count, seen) => count > 0 && hasImages([truth, seen])));
}
