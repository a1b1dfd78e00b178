/** The values of one epoch; also the legend: a row shows its line, hides it, or shows it alone. */
import { useState } from "react";
import { Button } from "../ui/controls";
import type { GraphDocument } from "./document";
import { own, shownEpoch } from "./document";
import type { Line } from "./panels";
import styles from "./Readout.module.css";
import type { ReadoutGroup } from "./readout";
import { SeriesRow } from "./SeriesRow";

interface ReadoutProps {
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
  const { doc, groups, index, caption, elapsed, lines, hidden, onToggle, onSolo } = props;
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
              <SeriesRow
                key={row.key}
                id={row.key}
                title={row.title}
                text={row.text}
                isNaN={row.isNaN}
                note={row.note}
                line={lines.get(row.key)}
                isShown={!hidden.includes(row.key)}
                sentence={isExplained ? own(doc.definitions, row.key)?.sentence : undefined}
                onToggle={() => onToggle(row.key)}
                onSolo={() => onSolo(row.key)}
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
