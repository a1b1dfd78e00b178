import { useState } from "react";
import { Choice } from "../ui/controls";
import { formatCount, formatFraction } from "../ui/format";
import { own } from "../graphs/document";
import type { SizeNumbers } from "./numbers";
import scrolls from "../ui/scrollTable.module.css";
import styles from "./Tables.module.css";

type Metric = "0.5:0.95" | "0.5";

/** AP by the size of the object, of all classes together and of each. */
export function SizeTable({ sizes }: { sizes: Record<string, SizeNumbers> }) {
  const [metric, setMetric] = useState<Metric>("0.5:0.95");
  const columns = Object.entries(sizes);
  const names = Object.keys(columns[0]?.[1].per_class ?? {});
  return (
    <div>
      <div className={styles["head"]}>
        <h2>By size of the object</h2>
        <Choice
          label="AP of the sizes"
          value={metric}
          options={[
            { value: "0.5:0.95", label: "AP_0.5:0.95" },
            { value: "0.5", label: "AP_0.5" },
          ]}
          onChange={setMetric}
        />
      </div>
      <p className={styles["muted"]}>
        By the area of the box in the original image, as in COCO. Below each AP the number of annotations; “none” where
        there are none, which is not 0.
      </p>
      <div className={`${scrolls["scroll"]} ${styles["scroll"]}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Class</th>
              {columns.map(([size, { area_px2 }]) => (
                <th key={size} scope="col">
                  {size}
                  <br />
                  <small>{areaText(area_px2)}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">
                <strong>All classes</strong>
              </th>
              {columns.map(([size, numbers]) => (
                <Bucket key={size} labels={numbers.annotations} ap={numbers[`mAP_${metric}`]} />
              ))}
            </tr>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {columns.map(([size, { per_class }]) => {
                  const numbers = own(per_class, name);
                  return (
                    <Bucket key={size} labels={numbers?.annotations ?? 0} ap={numbers?.[`AP_${metric}`] ?? null} />
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Bucket({ labels, ap }: { labels: number; ap: number | null }) {
  if (labels === 0) return <td className={styles["none"]}>none</td>;
  return (
    <td>
      {formatFraction(ap)}
      <br />
      <small>{formatCount(labels)}</small>
    </td>
  );
}

/** Areas are squares of round widths: 1024 px² reads as 32². */
function areaText([low, high]: SizeNumbers["area_px2"]): string {
  const side = (area: number): string => `${Math.round(Math.sqrt(area))}²`;
  if (high === null) return `from ${side(low)} px`;
  return low === 0 ? `below ${side(high)} px` : `${side(low)} to ${side(high)} px`;
}
