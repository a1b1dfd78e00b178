/** Several runs on one graph: choices above, one cursor that reads all of them, and a legend that hides and shows. */
import type { KeyboardEvent } from "react";
import { useCallback, useMemo, useState } from "react";
import { ChartGroup } from "../graphs/ChartGroup";
import { ChartPanel } from "../graphs/ChartPanel";
import type { GraphDocument } from "../graphs/document";
import type { DownloadKind } from "../graphs/Downloads";
import { AXIS_NAMES, formatX, moveZoom } from "../graphs/frame";
import { Help } from "../graphs/Help";
import { actOn, keyAction, toggledSmoothing } from "../graphs/keyboard";
import type { Axis } from "../graphs/frame";
import { fileStem, savePicture, saveText } from "../graphs/save";
import { buildSvg } from "../graphs/svg";
import { useMoves } from "../graphs/useMoves";
import type { CompareView } from "../graphs/view";
import { SmoothNote } from "../graphs/ViewControls";
import { soloed, toggled } from "../graphs/visibility";
import { readTheme } from "../ui/theme";
import shared from "../ui/shared.module.css";
import type { Comparison } from "./comparison";
import { overlayLines } from "./comparison";
import styles from "./Overlay.module.css";
import { buildOverlayCsv, drawOverlay, extentOf } from "./overlay";
import { OverlayLegend } from "./OverlayLegend";
import { OverlayToolbar } from "./OverlayToolbar";

interface OverlayProps {
  documents: GraphDocument[];
  comparison: Comparison;
  series: { key: string; title: string }[];
  /** One of the series. */
  metric: { key: string; title: string };
  view: CompareView;
  onView: (change: Partial<CompareView>) => void;
}

const AXES: Axis[] = ["epoch", "time", "share"];
let groups = 0;

export function Overlay({ documents, comparison, series, metric, view, onView }: OverlayProps) {
  const [group] = useState(() => new ChartGroup(`runs-${groups++}`));
  const [cursor, setCursor] = useState<number | null>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const { along, hidden } = view;
  const lines = useMemo(
    () => overlayLines(documents, comparison, metric.key, along),
    [documents, comparison, metric.key, along],
  );
  const drawing = useMemo(() => drawOverlay(documents, lines, named(metric), view), [documents, lines, metric, view]);
  const shown = useMemo(() => lines.filter(({ key }) => !hidden.includes(key)), [lines, hidden]);
  const extent = useMemo(() => extentOf(shown), [shown]);
  const takeZoom = useCallback((zoom: [number, number] | null) => onView({ zoom }), [onView]);
  const move = useMoves(view.zoom, extent, takeZoom);
  const takeCursor = useCallback(
    (x: number | null) => setCursor(x !== null && along === "epoch" ? Math.round(x) : x),
    [along],
  );

  // The arrow keys go epoch by epoch, or over a hundredth of what is in sight.
  const step = along === "epoch" ? 1 : (drawing.range[1] - drawing.range[0]) / 100;
  const goTo = (index: number): void => {
    const x = extent[0] + index * step;
    if (view.zoom && (x < view.zoom[0] || x > view.zoom[1])) {
      const half = (view.zoom[1] - view.zoom[0]) / 2;
      onView({ zoom: moveZoom([x - half, x + half], extent, {}) });
    }
    group.moveTo(x);
    setCursor(x);
  };
  const leave = (): void => {
    group.moveTo(null);
    setCursor(null);
  };
  const press = (event: KeyboardEvent): void => {
    const action = keyAction(event.key, event.ctrlKey || event.metaKey || event.altKey);
    if (!action) return;
    event.preventDefault();
    actOn(action, {
      count: Math.round((extent[1] - extent[0]) / step) + 1,
      index: Math.round(((cursor ?? extent[1]) - extent[0]) / step),
      best: null,
      goTo,
      leave,
      move,
      showAll: () => onView({ zoom: null }),
      toggleLog: () => onView({ isLog: !view.isLog }),
      nextAxis: () => onView({ along: AXES[(AXES.indexOf(along) + 1) % AXES.length] ?? "epoch", zoom: null }),
      toggleSmooth: () => onView({ smooth: toggledSmoothing(view.smooth) }),
      centre: cursor ?? undefined,
      help: () => setHelpOpen(true),
    });
  };
  const download = (kind: DownloadKind): void => {
    const name = `${documents.length} runs, ${metric.title}`;
    if (kind === "csv") saveText(`${fileStem(name)}.csv`, "text/csv", buildOverlayCsv(documents, metric.key, hidden));
    if (kind === "svg") saveText(`${fileStem(name)}.svg`, "image/svg+xml", buildSvg(name, [drawing], readTheme()));
    if (kind === "png")
      savePicture(
        name,
        group,
        { titles: [metric.title], axis: AXIS_NAMES[along], lines: shown.slice(0, 60) },
        readTheme(),
      );
  };

  return (
    <div className={styles["stack"]}>
      <h2>Runs on one graph</h2>
      <OverlayToolbar
        {...{ documents, series, metric, view, onView }}
        onMove={move}
        onDownload={download}
        onHelp={() => setHelpOpen(!isHelpOpen)}
      />
      {isHelpOpen && <Help onClose={() => setHelpOpen(false)} />}
      <SmoothNote weight={view.smooth} />
      <div
        className={styles["plot"]}
        role="application"
        tabIndex={0}
        aria-label={`${metric.title} of ${documents.length} runs. Arrow keys move the cursor, question mark shows all keys.`}
        data-testid="overlay"
        onKeyDown={press}
        onBlur={leave}
      >
        <ChartPanel {...{ drawing, group }} height={360} onCursor={takeCursor} onZoom={takeZoom} onMove={move} />
        <p className={styles["axis"]}>{AXIS_NAMES[along]}</p>
      </div>
      <p className={shared["hint"]} aria-live="polite">
        {cursor === null ? "The last value of each run; point at the graph for others." : cursorText(cursor, along)}
      </p>
      <OverlayLegend
        lines={lines}
        hidden={hidden}
        cursor={cursor}
        onToggle={(key) => onView({ hidden: toggled(hidden, key) })}
        onSolo={(key) => {
          const all = lines.map((line) => line.key);
          onView({ hidden: soloed(hidden, all, key) });
        }}
        onShowAll={() => onView({ hidden: [] })}
      />
      {drawing.panel.lines.some((line) => line.band) && (
        <p className={shared["hint"]}>Shaded: one standard deviation to each side of the mean of the repeats.</p>
      )}
      <Silent documents={documents.length} drawn={lines.filter((line) => !line.isMean).length} />
    </div>
  );
}

function Silent({ documents, drawn }: { documents: number; drawn: number }) {
  const silent = documents - drawn;
  if (silent === 0) return null;
  return (
    <p className={shared["hint"]}>
      {silent} of {documents} runs {silent === 1 ? "has" : "have"} no values to draw here.
    </p>
  );
}

function named({ key, title }: { key: string; title: string }) {
  return { title, metric: key };
}

function cursorText(cursor: number, along: Axis): string {
  if (along === "epoch") return `Epoch ${cursor}`;
  return along === "share"
    ? `${Math.round(cursor * 100)} % of the schedule`
    : `${formatX(cursor, along)} after the start`;
}
