import { Button } from "../ui/controls";
import { KeyList } from "../ui/KeyList";
import styles from "./Help.module.css";
import { KEYS } from "./keyboard";

const NAMES: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };

/** Keys, mouse and what the lines mean. */
export function Help({ onClose }: { onClose: () => void }) {
  return (
    <section className={styles["help"]} aria-label="Help for the graph">
      <div>
        <h3>Keys, while the graph has the focus</h3>
        <KeyList keys={KEYS} names={NAMES} />
      </div>
      <div>
        <h3>Mouse</h3>
        <p>
          Drag over a part to zoom into it, double-click to see all. Ctrl + wheel zooms; Shift + drag or Shift + wheel
          moves.
        </p>
        <h3>Lines</h3>
        <p>
          Each kind of loss has one colour; train is dashed, val is solid. The shaded band says how far a metric could
          be off with other val images of the same kind. A dotted upright line is an event, the blue one is the best
          epoch, a red cross is a value that is no number. Grey is what a resume replaced.
        </p>
        <Button onClick={onClose}>Close</Button>
      </div>
    </section>
  );
}
