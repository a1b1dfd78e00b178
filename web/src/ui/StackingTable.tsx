/** A table whose rows become cards on a phone, so that nobody has to scroll sideways to read one. */
import type { ReactNode } from "react";
import shared from "./shared.module.css";
import styles from "./StackingTable.module.css";

interface Column {
  title: string;
  /** Known to screen readers alone: a column of buttons, which say themselves what they do. */
  isHidden?: boolean;
}

interface Props {
  columns: (Column | string)[];
  rows: { key: string; cells: ReactNode[] }[];
  /** What it lists, for screen readers. */
  caption: string;
  rowTestId?: string;
}

export function StackingTable({ columns, rows, caption, rowTestId }: Props) {
  const heads = columns.map((one) => (typeof one === "string" ? { title: one, isHidden: false } : one));
  // A table that is laid out as cards is no table for some screen readers unless its roles are said.
  return (
    <table role="table" className={styles["table"]}>
      <caption>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {heads.map(({ title, isHidden }) => (
            <th key={title} role="columnheader" scope="col">
              {isHidden ? <span className={shared["spoken"]}>{title}</span> : title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ key, cells }) => (
          <tr key={key} role="row" data-testid={rowTestId}>
            {cells.map((cell, i) => {
              const head = heads[i];
              return (
                <td key={head?.title ?? i} role="cell" data-title={head?.isHidden ? "" : head?.title}>
                  {cell}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
