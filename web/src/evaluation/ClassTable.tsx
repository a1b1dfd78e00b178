import { useState } from "react";
import { formatCount, formatFraction } from "../ui/format";
import scrolls from "../ui/scrollTable.module.css";
import styles from "./Tables.module.css";
import type { ClassNumbers } from "./numbers";

const COLUMNS: { key: keyof ClassNumbers; title: string }[] = [
  { key: "annotations", title: "Annotations" },
  { key: "AP_0.5:0.95", title: "AP_0.5:0.95" },
  { key: "AP_0.5", title: "AP_0.5" },
  { key: "precision", title: "Precision" },
  { key: "recall", title: "Recall" },
];

interface ClassTableProps {
  perClass: Record<string, ClassNumbers>;
  split: string;
  confidence: number | null;
}

/** One row per class, the weakest first, because that is where work pays; any column can sort. */
export function ClassTable({ perClass, split, confidence }: ClassTableProps) {
  const [sort, setSort] = useState<{ key: keyof ClassNumbers; isRising: boolean }>({
    key: "AP_0.5:0.95",
    isRising: true,
  });
  const rows = Object.entries(perClass).sort(
    ([, a], [, b]) => ((a[sort.key] ?? -1) - (b[sort.key] ?? -1)) * (sort.isRising ? 1 : -1),
  );
  return (
    <div>
      <h2>Per class</h2>
      <p className={styles["muted"]}>
        The weakest class first.{" "}
        {confidence === null
          ? "No prediction is right, so there is no confidence to judge precision at."
          : `Precision and recall hold at confidence ${confidence.toFixed(2)}, where F1 is best on ${split}.`}
      </p>
      <div className={`${scrolls["scroll"]} ${styles["scroll"]}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Class</th>
              {COLUMNS.map(({ key, title }) => (
                <th
                  key={key}
                  scope="col"
                  aria-sort={sort.key === key ? (sort.isRising ? "ascending" : "descending") : "none"}
                >
                  <button
                    type="button"
                    onClick={() => setSort({ key, isRising: sort.key === key ? !sort.isRising : true })}
                  >
                    {title}
                    <span aria-hidden="true">{sort.key === key ? (sort.isRising ? " ↑" : " ↓") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, numbers]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {COLUMNS.map(({ key }) => (
                  <td key={key}>{key === "annotations" ? formatCount(numbers[key]) : formatFraction(numbers[key])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
