/** The keys of the page, folded away until somebody asks. */
import { KeyList } from "../ui/KeyList";
import styles from "./Annotate.module.css";
import { KEYS } from "./keys";

const NAMES: Record<string, string> = { " ": "Space", ArrowLeft: "←", ArrowUp: "↑" };

export function KeyHelp() {
  return (
    <details className={styles["help"]}>
      <summary>Keys</summary>
      <KeyList keys={KEYS} names={NAMES} />
      <p>
        A click chooses the smallest box under it. Drag its handles or its inside to change it; elsewhere a drag draws a
        new box. The wheel, or two fingers, zoom.
      </p>
    </details>
  );
}
