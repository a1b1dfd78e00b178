/** The keys of the page, folded away until somebody asks. */
import styles from "./Annotate.module.css";
import { KEYS } from "./keys";

const WORDS: Record<string, string> = { " ": "Space", ArrowLeft: "←", ArrowUp: "↑" };

export function KeyHelp() {
  return (
    <details className={styles["help"]}>
      <summary>Keys</summary>
      <dl>
        {KEYS.map(({ keys, text }) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{WORDS[key] ?? key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p>
        A click chooses the smallest box under it. Drag its handles or its inside to change it; elsewhere a drag draws a
        new box. The wheel, or two fingers, zoom.
      </p>
    </details>
  );
}
