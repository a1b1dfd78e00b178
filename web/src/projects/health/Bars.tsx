/** Bars with their numbers, as a list that reads well without its picture too. */
import { formatCount } from "../../ui/format";
import styles from "./Health.module.css";

export interface Bar {
  label: string;
  count: number;
  /** Parts of the bar, by colour; the whole when left out. */
  parts?: { name: string; count: number }[];
}

export function Bars({ bars, unit }: { bars: Bar[]; unit: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <ul className={styles["bars"]}>
      {bars.map((bar) => (
        <li key={bar.label}>
          <span className={styles["label"]}>{bar.label}</span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect className={styles["track"]} width={100} height={8} />
            {(bar.parts ?? [{ name: "", count: bar.count }]).map((part, i, parts) => (
              <rect
                key={part.name}
                className={styles[`part${i}`]}
                x={(parts.slice(0, i).reduce((sum, one) => sum + one.count, 0) / most) * 100}
                width={(part.count / most) * 100}
                height={8}
              />
            ))}
          </svg>
          <span className={styles["count"]} title={`${formatCount(bar.count)} ${unit}`}>
            {formatCount(bar.count)}
          </span>
        </li>
      ))}
    </ul>
  );
}
