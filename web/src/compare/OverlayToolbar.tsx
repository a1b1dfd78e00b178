import type { GraphDocument } from "../graphs/document";
import type { DownloadKind } from "../graphs/Downloads";
import { Downloads } from "../graphs/Downloads";
import type { Move } from "../graphs/frame";
import styles from "../graphs/Toolbar.module.css";
import type { CompareView } from "../graphs/view";
import { SmoothSlider, ZoomButtons } from "../graphs/ViewControls";
import { Button, Choice, Toggle } from "../ui/controls";
import { positions } from "./comparison";

interface OverlayToolbarProps {
  documents: GraphDocument[];
  series: { key: string; title: string }[];
  metric: { key: string };
  view: CompareView;
  onView: (change: Partial<CompareView>) => void;
  onMove: (change: Move) => void;
  onDownload: (kind: DownloadKind) => void;
  onHelp: () => void;
}

/** Which series, along what, how smooth; zoom and downloads. */
export function OverlayToolbar(props: OverlayToolbarProps) {
  const { documents, series, metric, view, onView, onMove, onDownload, onHelp } = props;
  const hasTime = documents.some((doc) => positions(doc, "time") !== null);
  return (
    <div className={styles["toolbar"]} role="toolbar" aria-label="View of the runs">
      <select
        aria-label="Series to compare"
        value={metric.key}
        onChange={(event) => onView({ metric: event.target.value })}
      >
        {series.map(({ key, title }) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
      <Choice
        label="Compare along"
        value={view.along}
        options={[
          { value: "epoch", label: "Epochs" },
          { value: "time", label: "Time", isDisabled: !hasTime, hint: hasTime ? "" : "The logs hold no times." },
          { value: "share", label: "Schedule", hint: "Which part of the planned epochs is done." },
        ]}
        onChange={(along) => onView({ along, zoom: null })}
      />
      <SmoothSlider weight={view.smooth} onChange={(smooth) => onView({ smooth })} />
      <Toggle on={view.isLog} onChange={(isLog) => onView({ isLog })}>
        Log scale
      </Toggle>
      <span className={styles["gap"]} />
      <ZoomButtons isZoomed={view.zoom !== null} onMove={onMove} onShowAll={() => onView({ zoom: null })} />
      <Downloads onDownload={onDownload} />
      <Button aria-label="Keys of the graph of runs" onClick={onHelp}>
        ?
      </Button>
    </div>
  );
}
