import { Card } from "../ui/controls";
import styles from "./Definitions.module.css";
import type { GraphDocument } from "./document";
import { isBound, parseClassKey } from "./panels";

/** Every series of this log in a sentence; on paper the only place where they stand. */
export function Definitions({ doc }: { doc: GraphDocument }) {
  const known = Object.entries(doc.definitions).filter(([key]) => !isBound(key) && parseClassKey(key) === null);
  if (known.length === 0) return null;
  return (
    <Card label="What the numbers mean">
      <h2>What the numbers mean</h2>
      <dl className={styles["list"]}>
        {known.map(([key, definition]) => (
          <div key={key}>
            <dt>{definition.title}</dt>
            <dd>{definition.sentence}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
