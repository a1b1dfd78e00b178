import { linePath } from "../ui/linePath";
import styles from "./Sparkline.module.css";

const [WIDTH, HEIGHT] = [120, 32];

/** mAP by epoch in a thumbnail, from 0 up to its top. */
export function Sparkline({ values, label }: { values: (number | null)[]; label: string }) {
  const found = values.filter((value) => value !== null);
  if (found.length < 2) return <span className={styles["none"]}>no line yet</span>;
  const top = Math.max(...found, 0.05);
  const x = (i: number): number => (i / (values.length - 1)) * (WIDTH - 4) + 2;
  const y = (value: number): number => HEIGHT - 3 - (value / top) * (HEIGHT - 6);
  return (
    <svg className={styles["spark"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <path d={linePath([...values.keys()], values, x, y)} />
    </svg>
  );
}
