import { memo } from "react";
import { Card } from "../ui/controls";
import { formatCount } from "../ui/format";
import { Augmentation } from "./Augmentation";
import type { DatasetSummary, GraphDocument } from "./document";
import { own } from "./document";
import styles from "./Recipe.module.css";

/** Other trainers write a hundred settings; those are folded away. */
const FEW = 40;

/** How the model was trained: every setting, and why it has that value. */
export const Recipe = memo(function Recipe({ doc }: { doc: GraphDocument }) {
  const entries = Object.entries(doc.recipe ?? {});
  const notes = doc.notes ?? [];
  if (entries.length === 0 && notes.length === 0 && !doc.dataset) return null;
  return (
    <Card label="Recipe">
      <div className={styles["stack"]}>
        {doc.dataset && <DatasetLine dataset={doc.dataset} />}
        <Augmentation doc={doc} />
        {entries.length > FEW ? (
          <details>
            <summary>Recipe: {entries.length} settings</summary>
            <Settings doc={doc} entries={entries} />
          </details>
        ) : (
          entries.length > 0 && (
            <>
              <h2>Recipe</h2>
              <Settings doc={doc} entries={entries} />
            </>
          )
        )}
        {notes.length > 0 && (
          <>
            <h3>How the log was read</h3>
            <ul className={styles["notes"]}>
              {notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Card>
  );
});

function Settings({ doc, entries }: { doc: GraphDocument; entries: [string, unknown][] }) {
  const hasReasons = doc.reasons !== undefined;
  return (
    <table className={styles["recipe"]}>
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Value</th>
          {hasReasons && <th scope="col">Why</th>}
        </tr>
      </thead>
      <tbody>
        {entries.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name.replaceAll("_", " ")}</th>
            <td>{settingText(value)}</td>
            {hasReasons && <td>{own(doc.reasons, name) ?? ""}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DatasetLine({ dataset }: { dataset: DatasetSummary }) {
  const classes = dataset.classes ?? [];
  const splits = Object.entries(dataset.splits ?? {}).map(([split, value]) => `${split} ${settingText(value)}`);
  return (
    <div>
      <h2>Dataset</h2>
      <p>
        {formatCount(dataset.images)} images, {formatCount(dataset.annotations)} annotations
        {splits.length > 0 && `; ${splits.join(", ")}`}.
      </p>
      {classes.length > 0 && (
        <p className={styles["muted"]}>
          {classes.length} {classes.length === 1 ? "class" : "classes"}: {classes.slice(0, 30).join(", ")}
          {classes.length > 30 && ` and ${classes.length - 30} more`}
        </p>
      )}
      {dataset.path && <p className={styles["muted"]}>{dataset.path}</p>}
    </div>
  );
}

function settingText(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(settingText).join(" × ");
  if (typeof value === "object")
    return Object.entries(value)
      .map(([key, one]) => `${settingText(one)} ${key}`)
      .join(", ");
  return String(value);
}
