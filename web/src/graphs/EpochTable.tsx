/** The graph as a table: for screen readers, for copying, and for whoever trusts numbers more than lines. */
import { useState } from "react";
import { Button } from "../ui/controls";
import { formatValue } from "../ui/format";
import type { GraphDocument } from "./document";
import { markAt, own, shownEpoch } from "./document";
import styles from "./EpochTable.module.css";
import { isBound, parseClassKey, titleOf } from "./panels";

/** Rows at a time: a browser halts over a table of fifty thousand. */
const PAGE = 500;

export function EpochTable({ doc }: { doc: GraphDocument }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles["box"]} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Table of all {doc.epochs.length} epochs</summary>
      {isOpen && <Table doc={doc} />}
    </details>
  );
}

function Table({ doc }: { doc: GraphDocument }) {
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(doc.epochs.length / PAGE));
  const from = Math.min(page, pages - 1) * PAGE;
  const shown = doc.epochs.slice(from, from + PAGE);
  return (
    <>
      {pages > 1 && (
        <div className={styles["pages"]}>
          <Button disabled={from === 0} onClick={() => setPage(page - 1)}>
            ← Earlier
          </Button>
          <span>
            Rows {from + 1} to {from + shown.length} of {doc.epochs.length}
          </span>
          <Button disabled={from + PAGE >= doc.epochs.length} onClick={() => setPage(page + 1)}>
            Later →
          </Button>
        </div>
      )}
      <Rows doc={doc} from={from} shown={shown} />
    </>
  );
}

function Rows({ doc, from, shown }: { doc: GraphDocument; from: number; shown: number[] }) {
  const keys = Object.keys(doc.series).filter((key) => key !== "epoch" && !isBound(key) && parseClassKey(key) === null);
  return (
    <div className={styles["scroll"]} tabIndex={0} role="region" aria-label="Table of epochs">
      <table>
        <thead>
          <tr>
            <th scope="col">Epoch</th>
            {keys.map((key) => (
              <th key={key} scope="col" title={own(doc.definitions, key)?.sentence}>
                {titleOf(doc, key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((epoch, i) => (
            <tr key={epoch} className={doc.best?.epoch === epoch ? styles["best"] : undefined}>
              <th scope="row">
                {shownEpoch(doc, epoch)}
                {doc.best?.epoch === epoch && " (best)"}
              </th>
              {keys.map((key) => (
                <td key={key}>{markAt(doc, key, epoch) ?? formatValue(own(doc.series, key)?.[from + i])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
