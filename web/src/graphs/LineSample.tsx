import type { Line } from "./panels";
import styles from "./LineSample.module.css";

const DASHES = { solid: undefined, dashed: "6 3.5", dotted: "2 3" };

/** A short piece of a line, as it is drawn. */
export function LineSample({ line, isOff = false }: { line: Pick<Line, "hue" | "dash" | "width">; isOff?: boolean }) {
  return (
    <svg className={styles["sample"]} data-hue={isOff ? "off" : line.hue} width="24" height="10" aria-hidden="true">
      <line x1="1" y1="5" x2="23" y2="5" strokeWidth={line.width} strokeDasharray={DASHES[line.dash]} />
    </svg>
  );
}
