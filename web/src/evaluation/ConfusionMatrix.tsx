import type { CSSProperties } from "react";
import { useState } from "react";
import { Choice } from "../ui/controls";
import styles from "./ConfusionMatrix.module.css";
import { commonMistakes } from "./curves";
import type { EvaluationNumbers } from "./numbers";

type Confusion = NonNullable<EvaluationNumbers["confusion"]>;

const MANY = 26;

/** Rows are what is there, columns are what the model says; the last of each is background. */
export function ConfusionMatrix({ confusion }: { confusion: Confusion }) {
  const [unit, setUnit] = useState<"count" | "share">("count");
  const { classes, matrix, confidence, iou } = confusion;
  const mistakes = commonMistakes(confusion, 5);
  const table = <Matrix classes={classes} matrix={matrix} unit={unit} />;
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

function Matrix({ classes, matrix, unit }: { classes: string[]; matrix: number[][]; unit: "count" | "share" }) {
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
}

function Cell({ count, share, unit, kind, title }: CellProps) {
  const style = { "--share": share.toFixed(3) } as CSSProperties;
  return (
    <td data-kind={kind} title={title} style={style}>
      {count === 0 ? <span className={styles["zero"]}>0</span> : unit === "count" ? count : Math.round(share * 100)}
    </td>
  );
}
