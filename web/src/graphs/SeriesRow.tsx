/** A line of a legend: shows its line or hides it, shows it alone, and tells its value. */
import { LineSample } from "./LineSample";
import type { Line } from "./panels";
import styles from "./SeriesRow.module.css";

interface SeriesRowProps {
  /** Identifies the value on the page. */
  id: string;
  title: string;
  text: string;
  /** A value that is no number. */
  isNaN?: boolean;
  note?: string | null;
  sentence?: string | undefined;
  /** None: this series is not drawn. */
  line: Line | undefined;
  isShown: boolean;
  onToggle: () => void;
  onSolo: () => void;
}

export function SeriesRow(props: SeriesRowProps) {
  const { id, title, text, isNaN = false, note, sentence, line, isShown, onToggle, onSolo } = props;
  return (
    <li className={styles["row"]}>
      {line ? (
        <>
          <button
            type="button"
            className={styles["name"]}
            aria-pressed={isShown}
            title={isShown ? `Hide ${title}` : `Show ${title}`}
            onClick={onToggle}
          >
            <LineSample line={line} isOff={!isShown} />
            {title}
          </button>
          <button type="button" className={styles["solo"]} aria-label={`Show only ${title}`} onClick={onSolo}>
            only
          </button>
        </>
      ) : (
        <span className={styles["plain"]}>{title}</span>
      )}
      <span className={isNaN ? styles["nan"] : styles["value"]} data-key={id}>
        {text}
      </span>
      {note && <span className={styles["note"]}>{note}</span>}
      {sentence && <p className={styles["sentence"]}>{sentence}</p>}
    </li>
  );
}
