import type { CSSProperties } from "react";
import type { Cell } from "./access";
import styles from "./ConfusionMatrix.module.css";
import type { Confusion } from "./numbers";

interface MatrixTableProps {
  confusion: Confusion;
  unit: "count" | "share";
  open: Cell | null;
  onOpen: (cell: Cell | null) => void;
  /** Whether there is something to show behind a cell. */
  hasImages: (cell: Cell) => boolean;
}

/** Rows are what is there, columns are what the model says; the last of each is background. */
export function MatrixTable({ confusion: { classes, matrix }, unit, open, onOpen, hasImages }: MatrixTableProps) {
  return (
    <div className={styles["scroll"]} data-wide={classes.length > 6}>
      <table>
        <thead>
          <tr>
            <td colSpan={2} />
            <th className={styles["axis"]} scope="colgroup" colSpan={classes.length}>
              Predicted
            </th>
          </tr>
          <tr>
            <td colSpan={2} />
            {classes.map((name, i) => (
              <th key={i} scope="col" title={name}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, truth) => {
            const sum = row.reduce((a, b) => a + b, 0);
            return (
              <tr key={truth}>
                {truth === 0 && (
                  <th className={`${styles["axis"]} ${styles["upright"]}`} scope="rowgroup" rowSpan={matrix.length}>
                    <span>Truth</span>
                  </th>
                )}
                <th scope="row" title={classes[truth]}>
                  {classes[truth]}
                </th>
                {row.map((count, seen) => (
                  <Count
                    key={seen}
                    count={count}
                    share={count / Math.max(1, sum)}
                    unit={unit}
                    kind={truth === seen ? "right" : "wrong"}
                    title={`${count} × ${classes[truth]} predicted as ${classes[seen]}`}
                    isOpen={open?.[0] === truth && open[1] === seen}
                    onToggle={
                      count > 0 && hasImages([truth, seen])
                        ? (isOpen) => onOpen(isOpen ? [truth, seen] : null)
                        : undefined
                    }
                  />
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface CountProps {
  count: number;
  share: number;
  unit: "count" | "share";
  kind: "right" | "wrong";
  title: string;
  isOpen: boolean;
  /** Only where there is something to show. */
  onToggle: ((isOpen: boolean) => void) | undefined;
}

function Count({ count, share, unit, kind, title, isOpen, onToggle }: CountProps) {
  const style = { "--share": share.toFixed(3) } as CSSProperties;
  const text = count === 0 ? <span className={styles["zero"]}>0</span> : unit === "count" ? count : shareText(share);
  return (
    <td data-kind={kind} title={title} style={style}>
      {onToggle ? (
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={`${title}, show images`}
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

/** In per cent; what is there is never 0. */
function shareText(share: number): string {
  return share < 0.005 ? "<1" : String(Math.round(share * 100));
}
