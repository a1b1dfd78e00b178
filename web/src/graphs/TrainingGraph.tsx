/** The training graph: panels over one x axis with one cursor, the values beside them, and the choices above. */
import { memo, useCallback, useMemo, useState } from "react";
import { Button } from "../ui/controls";
import shared from "../ui/shared.module.css";
import { formatDuration } from "../ui/format";
import { readTheme } from "../ui/theme";
import { nearestIndex } from "./alignment";
import { ChartGroup } from "./ChartGroup";
import { ClassPicker } from "./ClassPicker";
import { chooseClasses } from "./classChoice";
import { buildCsv } from "./csv";
import { DEFINITIONS_ID } from "./Definitions";
import type { GraphDocument } from "./document";
import type { DownloadKind } from "./Downloads";
import { EpochTable } from "./EpochTable";
import { AXIS_NAMES, buildFrame, elapsedSeconds, moveZoom } from "./frame";
import { Help } from "./Help";
import { actOn, keyAction, toggledSmoothing } from "./keyboard";
import { drawRunPanel } from "./panelDrawing";
import type { Panel } from "./panels";
import { buildPanels, classNames } from "./panels";
import { defaultIndex, describeIndex } from "./pointer";
import { Readout } from "./Readout";
import { buildReadout, speakReadout } from "./readout";
import { RunPanel } from "./RunPanel";
import { fileStem, savePicture, saveText } from "./save";
import { SmallMultiples } from "./SmallMultiples";
import { buildSvg } from "./svg";
import { Toolbar } from "./Toolbar";
import styles from "./TrainingGraph.module.css";
import { useMoves } from "./useMoves";
import type { View } from "./view";
import { SmoothNote } from "./ViewControls";
import { soloed, toggled } from "./visibility";

interface TrainingGraphProps {
  doc: GraphDocument;
  isLive: boolean;
  view: View;
  onView: (change: Partial<View>) => void;
}

const CAPTIONS: Partial<Record<Panel["id"], string>> = {
  losses: "lower is better · train dashed, val solid",
  metrics: "higher is better",
};
const HEIGHTS: Partial<Record<Panel["id"], number>> = { losses: 260, metrics: 280, classes: 240, lr: 150 };

let groups = 0;

export const TrainingGraph = memo(function TrainingGraph({ doc, isLive, view, onView }: TrainingGraphProps) {
  const [group] = useState(() => new ChartGroup(`graph-${groups++}`));
  const [cursor, setCursor] = useState<number | null>(null);
  const [spoken, setSpoken] = useState("");
  const [isHelpOpen, setHelpOpen] = useState(false);

  const classes = useMemo(() => chooseClasses(doc, view.classes, view.iou), [doc, view.classes, view.iou]);
  const panels = usePanels(doc, classes, view);
  const frame = useMemo(() => buildFrame(doc, view.axis, isLive), [doc, view.axis, isLive]);
  const elapsed = useMemo(() => elapsedSeconds(doc), [doc]);

  const index = cursor ?? defaultIndex(doc, isLive);
  const classKeys = view.showClasses
    ? (panels.find((p) => p.id === "classes")?.lines.map((line) => line.key) ?? [])
    : [];
  const readout = buildReadout(doc, index, classKeys);
  const lines = useMemo(
    () => new Map(panels.flatMap((panel) => panel.lines.map((line) => [line.key, line]))),
    [panels],
  );

  const takeCursor = useCallback(
    (x: number | null) => setCursor(x === null ? null : nearestIndex(frame.x, x)),
    [frame.x],
  );
  const takeZoom = useCallback((zoom: [number, number] | null) => onView({ zoom }), [onView]);
  const move = useMoves(view.zoom, frame.extent, takeZoom);

  const goTo = (next: number): void => {
    const x = frame.x[next];
    if (x === undefined) return;
    if (view.zoom && (x < view.zoom[0] || x > view.zoom[1])) {
      const half = (view.zoom[1] - view.zoom[0]) / 2;
      onView({ zoom: moveZoom([x - half, x + half], frame.extent, {}) });
    }
    group.moveTo(x);
    setCursor(next);
    setSpoken(speakReadout(doc, next, buildReadout(doc, next, classKeys)));
  };
  const leave = (): void => {
    group.moveTo(null);
    setCursor(null);
  };
  const press = (event: React.KeyboardEvent): void => {
    const action = keyAction(event.key, event.ctrlKey || event.metaKey || event.altKey);
    if (!action) return;
    event.preventDefault();
    actOn(action, {
      count: doc.epochs.length,
      index,
      best: doc.best ? doc.epochs.indexOf(doc.best.epoch) : null,
      goTo,
      leave,
      move,
      showAll: () => onView({ zoom: null }),
      toggleLog: () => onView({ isLog: !view.isLog }),
      nextAxis: () => onView({ axis: view.axis === "time" ? "epoch" : "time", zoom: null }),
      toggleSmooth: () => onView({ smooth: toggledSmoothing(view.smooth) }),
      centre: cursor === null ? undefined : frame.x[cursor],
      help: () => setHelpOpen(true),
    });
  };
  const download = (kind: DownloadKind): void => {
    const name = fileStem(doc.name);
    if (kind === "csv") saveText(`${name}.csv`, "text/csv", buildCsv(doc));
    if (kind === "svg") {
      const drawings = panels.map((panel) => drawRunPanel(doc, frame, panel, view));
      saveText(`${name}.svg`, "image/svg+xml", buildSvg(doc.name, drawings, readTheme()));
    }
    if (kind === "png") {
      const shown = [...lines.values()].filter((line) => !view.hidden.includes(line.key));
      const titles = panels.filter((panel) => panel.lines.length > 0).map((panel) => panel.title);
      savePicture(doc.name, group, { titles, axis: AXIS_NAMES[frame.axis], lines: shown }, readTheme());
    }
  };

  return (
    <div className={styles["graph"]}>
      <Toolbar
        view={view}
        onView={onView}
        hasTime={elapsed !== null}
        hasClasses={classNames(doc, view.iou).length > 0}
        hasLr={"lr" in doc.series}
        onMove={move}
        onDownload={download}
        onHelp={() => setHelpOpen(!isHelpOpen)}
      />
      {isHelpOpen && <Help onClose={() => setHelpOpen(false)} />}
      <SmoothNote weight={view.smooth} />
      <div className={styles["columns"]}>
        <div
          className={styles["panels"]}
          role="application"
          tabIndex={0}
          aria-label={`Training graph of ${doc.name}. Arrow keys move through the epochs, question mark shows all keys.`}
          data-testid="panels"
          onKeyDown={press}
          onBlur={leave}
        >
          {panels.map((panel) => (
            <figure key={panel.id}>
              <figcaption>
                <strong>{panel.title}</strong>{" "}
                <span>
                  {CAPTIONS[panel.id]}
                  {panel.lines.some((line) => line.band) &&
                    " · shaded: 95 % interval over other val images of the same kind"}
                </span>
                {panel.id === "metrics" && (
                  <Button tone="quiet" onClick={showDefinitions}>
                    What is mAP?
                  </Button>
                )}
              </figcaption>
              {panel.lines.length === 0 ? (
                <p className={styles["empty"]}>The log holds no {panel.title.toLowerCase()} yet.</p>
              ) : (
                <RunPanel
                  doc={doc}
                  panel={panel}
                  frame={frame}
                  view={view}
                  group={group}
                  height={HEIGHTS[panel.id] ?? 240}
                  onCursor={takeCursor}
                  onZoom={takeZoom}
                  onMove={move}
                />
              )}
              {panel.id === "classes" && (
                <>
                  <ClassPicker doc={doc} chosen={classes} view={view} onView={onView} />
                  <SmallMultiples doc={doc} iou={view.iou} />
                </>
              )}
            </figure>
          ))}
          <p className={styles["axis"]}>{AXIS_NAMES[frame.axis]}</p>
        </div>
        <Readout
          doc={doc}
          groups={readout}
          index={index}
          caption={describeIndex(doc, index, cursor !== null, isLive)}
          elapsed={elapsed ? formatDuration(elapsed[index]) : null}
          lines={lines}
          hidden={view.hidden}
          onToggle={(key) => onView({ hidden: toggled(view.hidden, key) })}
          onSolo={(key) => onView({ hidden: soloed(view.hidden, keysBeside(panels, key), key) })}
        />
      </div>
      <p className={shared["spoken"]} aria-live="polite">
        {spoken}
      </p>
      <EpochTable doc={doc} />
    </div>
  );
});

function showDefinitions(): void {
  const place = document.getElementById(DEFINITIONS_ID);
  place?.scrollIntoView({ block: "start" });
  place?.focus({ preventScroll: true });
}

function usePanels(doc: GraphDocument, classes: string[], view: View): Panel[] {
  const built = buildPanels(doc, classes, view.iou).filter(
    ({ id }) => (id !== "classes" || view.showClasses) && (id !== "lr" || view.showLr),
  );
  const text = JSON.stringify(built);
  // The same panels keep their identity while points are appended.
  return useMemo(() => JSON.parse(text) as Panel[], [text]);
}

function keysBeside(panels: Panel[], key: string): string[] {
  const keys = panels.map((panel) => panel.lines.map((line) => line.key));
  return keys.find((some) => some.includes(key)) ?? [];
}
