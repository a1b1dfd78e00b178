import type { CSSProperties } from "react";
import { useState } from "react";
import { Choice } from "../ui/controls";
import { BoxList } from "./BoxList";
import { boxText, byImage } from "./diagnostics";
import styles from "./ConfusionMatrix.module.css";
import { commonMistakes } from "./curves";
import type { EvaluationNumbers, Example } from "./numbers";

type Confusion = NonNullable<EvaluationNumbers["confusion"]>;

const MANY = 26;

/** Rows are what is there, columns are what the model says; the last of each is background. */
interface ConfusionMatrixProps {
  confusion: Confusion;
  examples: Example[];
  fileUrl: ((path: string) => string) | undefined;
}

export function ConfusionMatrix({ confusion, examples, fileUrl }: ConfusionMatrixProps) {
  const [open, setOpen] = useState<[truth: number, seen: number] | null>(null);
  const cell = confusion.cells?.find((one) => one.truth === open?.[0] && one.prediction === open[1]);
  const hasBoxes = (truth: number, seen: number): boolean =>
    confusion.cells?.some((one) => one.truth === truth && one.prediction === seen && one.boxes.length > 0) ?? false;
  const [unit, setUnit] = useState<"count" | "share">("count");
  const { classes, matrix, confidence, iou } = confusion;
  const mistakes = commonMistakes(confusion, 5);
  const table = <Matrix {...{ classes, matrix, unit, hasBoxes }} open={open} onOpen={setOpen} />;
  return (
    <div>
      <div className={styles["head"]}>
        <h2>Confusion matrix</h2>
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
      <p className={styles["muted"]}>
        At confidence {confidence.toFixed(2)} and IoU {iou}. The column background holds what was missed, the row
        background what was seen where there is nothing.
      </p>
      {classes.length > MANY ? (
        <details>
          <summary>Matrix of {classes.length - 1} classes</summary>
          {table}
        </details>
      ) : (
        table
      )}
      {cell && (
        <section aria-label="Boxes of the cell">
          <h3 className={styles["sub"]}>
            {classes[cell.truth]} predicted as {classes[cell.prediction]}: {Math.min(cell.boxes.length, cell.count)} of{" "}
            {cell.count}
          </h3>
          <p className={styles["muted"]}>
            Solid is the label, dashed what the model says. Pictures are shown of the examples alone.
          </p>
          <BoxList
            examples={examples}
            fileUrl={fileUrl}
            groups={[...byImage(cell.boxes)].map(([file_name, boxes]) => ({
              file_name,
              caption: `${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}`,
              truth: boxes.flatMap((box) => (box.truth_xyxy ? [box.truth_xyxy] : [])),
              predictions: boxes.flatMap((box) => (box.prediction_xyxy ? [box.prediction_xyxy] : [])),
              lines: boxes.map(
                (box) =>
                  `label ${boxText(box.truth_xyxy)} · model ${boxText(box.prediction_xyxy)}${box.confidence === null ? "" : ` at ${box.confidence.toFixed(2)}`}`,
              ),
            }))}
          />
        </section>
      )}
      {mistakes.length > 0 && (
        <>
          <h3 className={styles["sub"]}>Most frequent mistakes</h3>
          <ul className={styles["mistakes"]}>
            {mistakes.map(({ count, text }) => (
              <li key={text}>
                <strong>{count} ×</strong> {text}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

interface MatrixProps {
  classes: string[];
  matrix: number[][];
  unit: "count" | "share";
  hasBoxes: (truth: number, seen: number) => boolean;
  open: [number, number] | null;
  onOpen: (cell: [number, number] | null) => void;
}

function Matrix({ classes, matrix, unit, hasBoxes, open, onOpen }: MatrixProps) {
  const isWide = classes.length > 6;
  return (
    <div className={styles["scroll"]} data-wide={isWide}>
      <table>
        <thead>
          <tr>
            <th className={styles["corner"]}>
              <span>truth ↓ &nbsp; predicted →</span>
            </th>
            {classes.map((name, i) => (
              <th key={i} scope="col" title={name}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, truth) => (
            <tr key={truth}>
              <th scope="row" title={classes[truth]}>
                {classes[truth]}
              </th>
              {row.map((count, seen) => (
                <Cell
                  key={seen}
                  count={count}
                  share={
                    count /
                    Math.max(
                      1,
                      row.reduce((a, b) => a + b, 0),
                    )
                  }
                  unit={unit}
                  kind={truth === seen ? "right" : "wrong"}
                  title={`${count} × ${classes[truth]} predicted as ${classes[seen]}`}
                  isOpen={open?.[0] === truth && open[1] === seen}
                  onToggle={hasBoxes(truth, seen) ? (isOpen) => onOpen(isOpen ? [truth, seen] : null) : undefined}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  count: number;
  share: number;
  unit: "count" | "share";
  kind: "right" | "wrong";
  title: string;
  isOpen: boolean;
  /** Only where the boxes behind the cell are known. */
  onToggle: ((isOpen: boolean) => void) | undefined;
}

function Cell({ count, share, unit, kind, title, isOpen, onToggle }: CellProps) {
  const style = { "--share": share.toFixed(3) } as CSSProperties;
  const text =
    count === 0 ? <span className={styles["zero"]}>0</span> : unit === "count" ? count : Math.round(share * 100);
  return (
    <td data-kind={kind} title={title} style={style}>
      {onToggle ? (
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={`${title}, show boxes`}
          onClick={() => onToggle(!isOpen)}
        >
          {text}
        </button>
      ) : (
        text
      )}
    </td>
  );
}
