import { Button } from "../ui/controls";
import { formatCount, formatFraction } from "../ui/format";
import { chosenOf } from "./curves";
import type { EvaluationNumbers } from "./numbers";
import scrolls from "../ui/scrollTable.module.css";
import styles from "./Tables.module.css";

interface ThresholdTableProps {
  numbers: EvaluationNumbers;
  beta: number;
  onConfidence: (confidence: number) => void;
}

/** The best threshold of each class, and how far it can be trusted. */
export function ThresholdTable({ numbers, beta, onConfidence }: ThresholdTableProps) {
  const isChecked = numbers.chosen !== undefined;
  const list = (numbers.chosen ?? numbers.thresholds)?.find((one) => one.beta === beta);
  const names = Object.keys(list?.per_class ?? {});
  if (names.length < 2) return null;
  const rows = [null, ...names].map((name) => ({ name, chosen: chosenOf(numbers, name, beta) }));
  const on = isChecked ? "val" : numbers.split;
  return (
    <details>
      <summary>Best F{beta} of each class</summary>
      <div className={`${scrolls["scroll"]} ${styles["scroll"]}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col">Confidence</th>
              <th scope="col">As good within 1 %</th>
              <th scope="col">
                F{beta} on {on}
              </th>
              {isChecked && (
                <th scope="col">
                  F{beta} on {numbers.split}
                </th>
              )}
              <th scope="col">Annotations</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, chosen }) => (
              <tr key={name ?? ""}>
                <th scope="row">{name ?? "All classes"}</th>
                <td>
                  {chosen ? (
                    <Button onClick={() => onConfidence(chosen.best.confidence)}>
                      {formatFraction(chosen.best.confidence)}
                    </Button>
                  ) : (
                    "none"
                  )}
                </td>
                <td>{chosen ? `${chosen.best.low.toFixed(2)} to ${chosen.best.high.toFixed(2)}` : "–"}</td>
                <td>{formatFraction(chosen?.best.f)}</td>
                {isChecked && <td>{formatFraction(chosen?.checked?.f)}</td>}
                <td>
                  {formatCount(chosen?.best.annotations)}
                  {chosen && !chosen.best.well_founded && <small> few</small>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles["muted"]}>
        “few”: it rests on under 50 annotations of {on}; use the threshold of all classes. “none”: nothing of the class
        was found right.
      </p>
    </details>
  );
}
