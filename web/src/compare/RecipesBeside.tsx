import type { Comparison } from "./comparison";
import scrolls from "../ui/scrollTable.module.css";
import styles from "./RecipesBeside.module.css";

interface RecipesBesideProps {
  names: string[];
  rows: Comparison["recipes"];
}

/** The settings of each run beside each other: what differs first, what is the same folded away. */
export function RecipesBeside({ names, rows }: RecipesBesideProps) {
  const differing = rows.filter((row) => row.differs);
  const same = rows.filter((row) => !row.differs);
  return (
    <div className={styles["stack"]}>
      <h2>Recipes beside each other</h2>
      {differing.length > 0 ? (
        <Rows names={names} rows={differing} label="Settings that differ" />
      ) : (
        <p>No setting differs.</p>
      )}
      {same.length > 0 && (
        <details>
          <summary>
            {same.length} {same.length === 1 ? "setting is" : "settings are"} the same
          </summary>
          <Rows names={names} rows={same} label="Settings that are the same" />
        </details>
      )}
    </div>
  );
}

function Rows({ names, rows, label }: RecipesBesideProps & { label: string }) {
  return (
    <div className={`${scrolls["scroll"]} ${styles["scroll"]}`} tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            {names.map((name, i) => (
              <th key={i} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.field}>
              <th scope="row">{row.field.replaceAll("_", " ")}</th>
              {names.map((_, i) => (
                <td key={i}>{valueText(row.values[i])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function valueText(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text = value === null || value === undefined ? "–" : String(value);
  if (/^\[[\d., -]+\]$/.test(text)) return text.slice(1, -1).split(", ").join(" × "); // sizes, as in a run's own recipe
  return /^[0-9a-f]{40,}$/.test(text) ? `${text.slice(0, 12)}…` : text; // a fingerprint: its head tells as much
}
