import { useState } from "react";
import { SeriesRow } from "../graphs/SeriesRow";
import { Button } from "../ui/controls";
import { formatValue } from "../ui/format";
import type { OverlayLine } from "./comparison";
import { valueAt } from "./comparison";
import styles from "./OverlayLegend.module.css";

interface OverlayLegendProps {
  lines: OverlayLine[];
  hidden: string[];
  /** A place on x; null: the last values. */
  cursor: number | null;
  onToggle: (key: string) => void;
  onSolo: (key: string) => void;
  onShowAll: () => void;
}

const MANY = 12;

/** Every line with its value; of many, those that are looked for. */
export function OverlayLegend({ lines, hidden, cursor, onToggle, onSolo, onShowAll }: OverlayLegendProps) {
  const [search, setSearch] = useState("");
  const isMany = lines.length > MANY;
  const found = lines.filter(({ title }) => title.toLowerCase().includes(search.toLowerCase()));
  return (
    <div>
      {(isMany || hidden.length > 0) && (
        <div className={styles["bar"]}>
          {isMany && (
            <input
              type="search"
              placeholder={`Find one of ${lines.length} lines`}
              aria-label="Find a run"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          )}
          <Button disabled={hidden.length === 0} onClick={onShowAll}>
            Show all runs
          </Button>
        </div>
      )}
      <ul className={styles["legend"]} data-testid="overlay-values">
        {found.map((line) => (
          <SeriesRow
            key={line.key}
            id={line.key}
            title={line.title}
            text={formatValue(cursor === null ? line.y.findLast((v) => v !== null) : valueAt(line, cursor))}
            line={line}
            isShown={!hidden.includes(line.key)}
            onToggle={() => onToggle(line.key)}
            onSolo={() => onSolo(line.key)}
          />
        ))}
      </ul>
      {found.length === 0 && search !== "" && <p>No run is called like “{search}”.</p>}
    </div>
  );
}
