/** The choices of a view, the zoom, and the downloads. */
import { Button, Choice, Toggle } from "../ui/controls";
import { Downloads } from "./Downloads";
import type { DownloadKind } from "./Downloads";
import styles from "./Toolbar.module.css";
import type { View } from "./view";

export interface ToolbarProps {
  view: View;
  onView: (change: Partial<View>) => void;
  hasTime: boolean;
  hasClasses: boolean;
  hasLr: boolean;
  onMove: (change: { scale?: number; shift?: number }) => void;
  onDownload: (kind: DownloadKind) => void;
  onHelp: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { view, onView, hasTime, hasClasses, hasLr, onMove, onDownload, onHelp } = props;
  return (
    <div className={styles["toolbar"]} role="toolbar" aria-label="View of the graph">
      <Choice
        label="Horizontal axis"
        value={view.axis}
        options={[
          { value: "epoch", label: "Epoch" },
          { value: "time", label: "Time", isDisabled: !hasTime, hint: hasTime ? "" : "This log has no times" },
        ]}
        onChange={(axis) => onView({ axis, zoom: null })}
      />
      <label className={styles["smooth"]}>
        Smoothing
        <input
          type="range"
          min="0"
          max="0.95"
          step="0.05"
          value={view.smooth}
          onChange={(event) => onView({ smooth: Number(event.target.value) })}
        />
        <output>{view.smooth > 0 ? view.smooth.toFixed(2) : "off"}</output>
      </label>
      <Toggle on={view.isLog} onChange={(isLog) => onView({ isLog })}>
        Log scale
      </Toggle>
      {hasClasses && (
        <Toggle on={view.showClasses} onChange={(showClasses) => onView({ showClasses })}>
          Per class
        </Toggle>
      )}
      {hasLr && (
        <Toggle on={view.showLr} onChange={(showLr) => onView({ showLr })}>
          Learning rate
        </Toggle>
      )}
      <span className={styles["gap"]} />
      <div role="group" aria-label="Zoom" className={styles["zoom"]}>
        {view.zoom && (
          <>
            <Button aria-label="Move left" onClick={() => onMove({ shift: -0.25 })}>
              ←
            </Button>
            <Button aria-label="Move right" onClick={() => onMove({ shift: 0.25 })}>
              →
            </Button>
          </>
        )}
        <Button aria-label="Zoom out" disabled={!view.zoom} onClick={() => onMove({ scale: 2 })}>
          −
        </Button>
        <Button aria-label="Zoom in" onClick={() => onMove({ scale: 0.5 })}>
          +
        </Button>
        {view.zoom && <Button onClick={() => onView({ zoom: null })}>Show all</Button>}
      </div>
      <Downloads onDownload={onDownload} />
      <Button aria-label="Keys and how to read the lines" onClick={onHelp}>
        ?
      </Button>
    </div>
  );
}
