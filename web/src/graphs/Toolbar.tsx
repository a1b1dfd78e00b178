/** The choices of a view, the zoom, and the downloads. */
import { Button, Choice, Toggle } from "../ui/controls";
import { Downloads } from "./Downloads";
import type { DownloadKind } from "./Downloads";
import type { Move } from "./frame";
import styles from "./Toolbar.module.css";
import type { View } from "./view";
import { SmoothSlider, ZoomButtons } from "./ViewControls";

interface ToolbarProps {
  view: View;
  onView: (change: Partial<View>) => void;
  hasTime: boolean;
  hasClasses: boolean;
  hasLr: boolean;
  onMove: (change: Move) => void;
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
      <SmoothSlider weight={view.smooth} onChange={(smooth) => onView({ smooth })} />
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
      <ZoomButtons isZoomed={view.zoom !== null} onMove={onMove} onShowAll={() => onView({ zoom: null })} />
      <Downloads onDownload={onDownload} />
      <Button aria-label="Keys and how to read the lines" onClick={onHelp}>
        ?
      </Button>
    </div>
  );
}
