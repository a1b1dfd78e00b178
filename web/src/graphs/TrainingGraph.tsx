/** The training graph: panels over one x axis with one cursor, the values beside them, and the choices above. */
import { useCallback, useMemo, useState } from "react";
import { Button } from "../ui/controls";
import { readTheme } from "../ui/theme";
import { ChartGroup } from "./ChartGroup";
import { ChartPanel } from "./ChartPanel";
import { ClassPicker } from "./ClassPicker";
import { chooseClasses } from "./classChoice";
import { buildCsv } from "./csv";
import type { GraphDocument } from "./document";
import { DEFINITIONS_ID } from "./Definitions";
import type { DownloadKind } from "./Downloads";
import { EpochTable } from "./EpochTable";
import { buildFrame, elapsedSeconds, moveZoom } from "./frame";
import { Help } from "./Help";
import type { Panel } from "./panels";
import { buildPanels, classNames } from "./panels";
import { Readout } from "./Readout";
import { buildReadout, speakReadout } from "./readout";
import { fileStem, savePicture, saveText } from "./save";
import { buildSvg } from "./svg";
import { keptIndices } from "./thinning";
import { SmallMultiples } from "./SmallMultiples";
import { Toolbar } from "./Toolbar";
import styles from "./TrainingGraph.module.css";
import { actOn, keyAction } from "./keyboard";
import { defaultIndex, describeIndex } from "./pointer";
import type { View } from "./view";
import { formatDuration } from "../ui/format";

export interface TrainingGraphProps {
  doc: GraphDocument;
  isLive: boolean;
  view: View;
  onView: (change: Partial<View>) => void;
}

const CAPTIONS: Partial<Record<Panel["id"], string>> = {
  losses: "lower is better · train dashed, val solid",
  metrics: "higher is better · shaded: 95 % interval over other val images of the same kind",
};
const HEIGHTS: Record<Panel["id"], number> = { losses: 260, metrics: 280, classes: 240, lr: 150 };
/** Points per series that are drawn at most four times over; about the width of a wide chart. */
const BUCKETS = 1200;

let groups = 0;

export function TrainingGraph({ doc, isLive, view, onView }: TrainingGraphProps) {
  const [group] = useState(() => new ChartGroup(`graph-${groups++}`));
  const [cursor, setCursor] = useState<number | null>(null);
  const [spoken, setSpoken] = useState("");
  const [isHelpOpen, setHelpOpen] = useState(false);

  const classes = useMemo(() => chooseClasses(doc, view.classes, view.iou), [doc, view.classes, view.iou]);
  const panels = usePanels(doc, classes, view);
  const frame = useMemo(() => buildFrame(doc, view.axis, isLive), [doc, view.axis, isLive]);
  const kept = useMemo(() => keep(doc, frame.x, panels, view.zoom), [doc, frame.x, panels, view.zoom]);
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

  const takeCursor = useCallback((at: number | null) => setCursor(at === null ? null : (kept[at] ?? null)), [kept]);
  const takeZoom = useCallback((zoom: [number, number] | null) => onView({ zoom }), [onView]);
  const move = useCallback(
    (change: Parameters<typeof moveZoom>[2]) => onView({ zoom: moveZoom(view.zoom, frame.extent, change) }),
    [onView, view.zoom, frame.extent],
  );
  const wheel = useCallback(
    (event: WheelEvent, x: number) => {
      const amount = event.deltaY || event.deltaX;
      move(event.shiftKey ? { shift: Math.sign(amount) * 0.1 } : { scale: amount > 0 ? 1.25 : 0.8, centre: x });
    },
    [move],
  );

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
    actOn(action, { doc, index, view, goTo, leave, move, onView, help: () => setHelpOpen(true) });
  };
  const download = (kind: DownloadKind): void => {
    const name = fileStem(doc.name);
    if (kind === "csv") saveText(`${name}.csv`, "text/csv", buildCsv(doc));
    if (kind === "svg")
      saveText(`${name}.svg`, "image/svg+xml", buildSvg({ doc, panels, frame, view, theme: readTheme() }));
    if (kind === "png") {
      const shown = [...lines.values()].filter((line) => !view.hidden.includes(line.key)).slice(0, 12);
      savePicture(doc.name, group, shown, readTheme());
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
      {view.smooth > 0 && (
        <p className={styles["smoothing"]}>
          Strong lines are smoothed over the raw values (debiased exponential average, weight {view.smooth.toFixed(2)});
          the raw values stay visible, faint. The numbers beside the graph are raw.
        </p>
      )}
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
                <strong>{panel.title}</strong> <span>{CAPTIONS[panel.id]}</span>
                {panel.id === "metrics" && (
                  <Button tone="quiet" onClick={showDefinitions}>
                    What is mAP?
                  </Button>
                )}
              </figcaption>
              {panel.lines.length === 0 ? (
                <p className={styles["empty"]}>The log holds no {panel.title.toLowerCase()} yet.</p>
              ) : (
                <ChartPanel
                  doc={doc}
                  panel={panel}
                  frame={frame}
                  view={view}
                  kept={kept}
                  group={group}
                  height={HEIGHTS[panel.id]}
                  onCursor={takeCursor}
                  onZoom={takeZoom}
                  onWheel={wheel}
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
          <p className={styles["axis"]}>{frame.axis === "time" ? "time since the start" : "epoch"}</p>
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
          onSolo={(key) => onView({ hidden: soloed(view.hidden, panels, key) })}
        />
      </div>
      <p className={styles["spoken"]} aria-live="polite">
        {spoken}
      </p>
      <EpochTable doc={doc} />
    </div>
  );
}

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

function keep(doc: GraphDocument, x: number[], panels: Panel[], zoom: [number, number] | null): number[] {
  const series = panels.flatMap((panel) => panel.lines.map((line) => doc.series[line.key] ?? []));
  const from = zoom ? x.findIndex((value) => value >= zoom[0]) : 0;
  const to = zoom ? x.findLastIndex((value) => value <= zoom[1]) + 1 : x.length;
  return keptIndices(x.length, series, BUCKETS, Math.max(0, from), to);
}

function toggled(hidden: string[], key: string): string[] {
  return hidden.includes(key) ? hidden.filter((one) => one !== key) : [...hidden, key];
}

/** Hides the other lines of the panel; when they are hidden already, shows them again. */
function soloed(hidden: string[], panels: Panel[], key: string): string[] {
  const keys =
    panels.find((panel) => panel.lines.some((line) => line.key === key))?.lines.map((line) => line.key) ?? [];
  const others = keys.filter((one) => one !== key);
  const rest = hidden.filter((one) => !keys.includes(one));
  const isSolo = others.every((one) => hidden.includes(one)) && !hidden.includes(key);
  return isSolo ? rest : [...rest, ...others];
}
