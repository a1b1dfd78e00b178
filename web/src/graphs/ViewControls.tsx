/** Choices that the graph of a run and the graph of several runs have in common. */
import { Button } from "../ui/controls";
import type { Move } from "./frame";
import styles from "./Toolbar.module.css";

export function SmoothSlider({ weight, onChange }: { weight: number; onChange: (weight: number) => void }) {
  return (
    <label className={styles["smooth"]}>
      Smoothing
      <input
        type="range"
        min="0"
        max="0.95"
        step="0.05"
        value={weight}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output>{weight > 0 ? weight.toFixed(2) : "off"}</output>
    </label>
  );
}

export function SmoothNote({ weight }: { weight: number }) {
  if (weight === 0) return null;
  return (
    <p className={styles["note"]}>
      Strong lines are smoothed over the raw values (debiased exponential average, weight {weight.toFixed(2)}); the raw
      values stay visible, faint. The numbers beside the graph are raw.
    </p>
  );
}

interface ZoomButtonsProps {
  isZoomed: boolean;
  onMove: (change: Move) => void;
  onShowAll: () => void;
}

export function ZoomButtons({ isZoomed, onMove, onShowAll }: ZoomButtonsProps) {
  return (
    <div role="group" aria-label="Zoom" className={styles["zoom"]}>
      {isZoomed && (
        <>
          <Button aria-label="Move left" onClick={() => onMove({ shift: -0.25 })}>
            ←
          </Button>
          <Button aria-label="Move right" onClick={() => onMove({ shift: 0.25 })}>
            →
          </Button>
        </>
      )}
      <Button aria-label="Zoom out" disabled={!isZoomed} onClick={() => onMove({ scale: 2 })}>
        −
      </Button>
      <Button aria-label="Zoom in" onClick={() => onMove({ scale: 0.5 })}>
        +
      </Button>
      {isZoomed && <Button onClick={onShowAll}>Show all</Button>}
    </div>
  );
}
