/** The values of one epoch; also the legend: a row shows its line, hides it, or shows it alone. */
import { useState } from "react";
import { Button } from "../ui/controls";
import type { GraphDocument } from "./document";
import { own, shownEpoch } from "./document";
import { LineSample } from "./LineSample";
import type { Line } from "./panels";
import styles from "./Readout.module.css";
import type { ReadoutGroup, ReadoutRow } from "./readout";

export interface ReadoutProps {
  doc: GraphDocument;
  groups: ReadoutGroup[];
  index: number;
  /** Why this epoch is shown: under the cursor, the best, or the last. */
  caption: string;
  elapsed: string | null;
  lines: Map<string, Line>;
  hidden: string[];
  onToggle: (key: string) => void;
  onSolo: (key: string) => void;
}

export function Readout(props: ReadoutProps) {
  const { doc, groups, index, caption, elapsed } = props;
  const [isExplained, setExplained] = useState(false);
  const epoch = doc.epochs[index] ?? 0;
  const events = doc.events.filter((event) => event.epoch === epoch);
  const planned = doc.epochs_planned ? ` of ${doc.epochs_planned}` : "";
  return (
    <div className={styles["readout"]} data-testid="readout">
      <div className={styles["head"]}>
        <p className={styles["epoch"]}>
          Epoch {shownEpoch(doc, epoch)}
          <span>{planned}</span>
        </p>
        <p className={styles["caption"]}>
          {caption}
          {elapsed && ` · after ${elapsed}`}
        </p>
        {events.map((event) => (
          <p key={event.event} className={styles["event"]}>
            {event.label}
          </p>
        ))}
      </div>
      {groups.map((group) => (
        <div key={group.id} className={styles["group"]}>
          <h3>{group.title}</h3>
          <ul>
            {group.rows.map((row) => (
              <Row
                key={row.key}
                row={row}
                sentence={isExplained ? own(doc.definitions, row.key)?.sentence : undefined}
                {...props}
              />
            ))}
          </ul>
        </div>
      ))}
      <Button tone="quiet" aria-expanded={isExplained} onClick={() => setExplained(!isExplained)}>
        {isExplained ? "Hide the explanations" : "What do these numbers mean?"}
      </Button>
    </div>
  );
}

type RowProps = Pick<ReadoutProps, "lines" | "hidden" | "onToggle" | "onSolo"> & {
  row: ReadoutRow;
  sentence: string | undefined;
};

function Row({ row, sentence, lines, hidden, onToggle, onSolo }: RowProps) {
  const line = lines.get(row.key);
  const isShown = !hidden.includes(row.key);
  return (
    <li className={styles["row"]}>
      {line ? (
        <>
          <button
            type="button"
            className={styles["name"]}
            aria-pressed={isShown}
            title={isShown ? `Hide ${row.title}` : `Show ${row.title}`}
            onClick={() => onToggle(row.key)}
          >
            <LineSample line={line} isOff={!isShown} />
            {row.title}
          </button>
          <button
            type="button"
            className={styles["solo"]}
            aria-label={`Show only ${row.title}`}
            onClick={() => onSolo(row.key)}
          >
            only
          </button>
        </>
      ) : (
        <span className={styles["plain"]}>{row.title}</span>
      )}
      <span className={row.isNaN ? styles["nan"] : styles["value"]} data-key={row.key}>
        {row.text}
      </span>
      {row.note && <span className={styles["note"]}>{row.note}</span>}
      {sentence && <p className={styles["sentence"]}>{sentence}</p>}
    </li>
  );
}
