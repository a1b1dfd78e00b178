/** The graph as a table: for screen readers, for copying, and for whoever trusts numbers more than lines. */
import { useState } from "react";
import { formatValue } from "../ui/format";
import type { GraphDocument } from "./document";
import { own, shownEpoch } from "./document";
import styles from "./EpochTable.module.css";
import { isBound, parseClassKey, titleOf } from "./panels";

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
  const keys = Object.keys(doc.series).filter((key) => key !== "epoch" && !isBound(key) && parseClassKey(key) === null);
  const marks = new Map(doc.marks.map((mark) => [`${mark.epoch}\n${mark.series}`, mark.value]));
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
          {doc.epochs.map((epoch, i) => (
            <tr key={epoch} className={doc.best?.epoch === epoch ? styles["best"] : undefined}>
              <th scope="row">
                {shownEpoch(doc, epoch)}
                {doc.best?.epoch === epoch && " (best)"}
              </th>
              {keys.map((key) => (
                <td key={key}>{marks.get(`${epoch}\n${key}`) ?? formatValue(own(doc.series, key)?.[i])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
