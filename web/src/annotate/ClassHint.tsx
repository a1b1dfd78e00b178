/** Which box a class key changes now: said above the picture, because it depends on what is chosen. */
import styles from "./Annotate.module.css";
import type { Editing } from "./editing";

interface Props {
  editing: Editing;
  names: string[];
  /** Of the box that is drawn next. */
  className: string | null;
}

const KEYS_MAX = 9;

export function ClassHint({ editing: { selected, labels, isFresh }, names, className }: Props) {
  const box = selected === null ? undefined : labels.boxes[selected];
  const keys = names.length > 1 ? `1–${Math.min(KEYS_MAX, names.length)}` : "1";
  if (selected === null || !box) {
    return (
      <p role="status" className={styles["classHint"]} data-testid="class-hint">
        {className === null ? (
          "Name a class to begin."
        ) : (
          <>
            Next box: <strong>{className}</strong>.<span> Keys {keys} choose another class for it.</span>
          </>
        )}
      </p>
    );
  }
  return (
    <p role="status" className={styles["classHint"]} data-testid="class-hint">
      Box {selected + 1}: <strong>{box.class_name}</strong>.
      <span>
        {isFresh
          ? ` Keys ${keys} rename it and set the next; Esc first: the next alone.`
          : ` Keys ${keys} rename it; Esc lets go of it.`}
      </span>
    </p>
  );
}
