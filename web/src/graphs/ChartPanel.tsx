/** One panel of the graph: takes the document apart into columns and options, and hands them to `Chart`. */
import { memo, useCallback, useLayoutEffect, useMemo, useRef } from "react";
import type uPlot from "uplot";
import { readTheme, useThemeVersion } from "../ui/theme";
import { Chart, takeSelection } from "./Chart";
import type { ChartGroup } from "./ChartGroup";
import { buildColumns, buildData, buildOptions } from "./chartOptions";
import type { Decoration } from "./decoration";
import { buildDecoration } from "./decoration";
import type { GraphDocument } from "./document";
import { drawBest, drawEvents, drawMarks, drawSuperseded } from "./drawing";
import type { Frame } from "./frame";
import type { Panel } from "./panels";
import type { View } from "./view";

export interface ChartPanelProps {
  doc: GraphDocument;
  panel: Panel;
  frame: Frame;
  view: View;
  /** Indices of the epochs that are drawn. */
  kept: number[];
  group: ChartGroup;
  height: number;
  onCursor: (index: number | null) => void;
  onZoom: (range: [number, number] | null) => void;
  onWheel: (event: WheelEvent, x: number) => void;
}

export const ChartPanel = memo(function ChartPanel(props: ChartPanelProps) {
  const { doc, panel, frame, view, kept, group, height } = props;
  const themeVersion = useThemeVersion();
  const isLog = view.isLog && panel.canLog;
  const columns = useMemo(() => buildColumns(panel, view.hidden, view.smooth), [panel, view.hidden, view.smooth]);
  const data = useMemo(
    () => buildData(doc, columns, { x: frame.x, kept, smooth: view.smooth, isLog }),
    [doc, columns, frame.x, kept, view.smooth, isLog],
  );
  const decoration = useMemo(() => buildDecoration(doc, frame, panel, view.hidden), [doc, frame, panel, view.hidden]);

  const latest = useRef({ decoration, ...props });
  useLayoutEffect(() => {
    latest.current = { decoration, ...props };
  });

  // A text as key: a live point changes the document but not the shape of the chart, which then stays.
  const gaps = doc.marks.map((mark) => mark.series);
  const shape = JSON.stringify({ panel, columns, axis: frame.axis, isLog, height, gaps: [...new Set(gaps)] });
  const build = useCallback(
    (width: number): uPlot.Options => {
      const made = JSON.parse(shape) as Parameters<typeof buildOptions>[0] & { gaps: string[] };
      const theme = readTheme();
      const now = (): Decoration => latest.current.decoration;
      return buildOptions({
        ...made,
        theme,
        width,
        syncKey: group.syncKey,
        hasGaps: (key) => made.gaps.includes(key),
        extraRange: () => rangeOf(now()),
        hooks: {
          drawClear: [(u) => drawSuperseded(u, theme, now())],
          draw: [
            (u) => drawEvents(u, theme, now(), made.panel.id === "losses"),
            (u) => drawBest(u, theme, now(), made.panel.id === "metrics"),
            (u) => drawMarks(u, theme, now()),
          ],
          setCursor: [(u) => latest.current.onCursor(u.cursor.idx ?? null)],
          setSelect: [
            (u) => {
              const selected = takeSelection(u);
              if (selected) latest.current.onZoom(selected);
            },
          ],
        },
      });
    },
    // themeVersion: colours are read by value.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [shape, group, themeVersion],
  );
  return (
    <Chart
      build={build}
      data={data}
      range={view.zoom ?? frame.extent}
      group={group}
      onZoom={props.onZoom}
      onWheel={props.onWheel}
    />
  );
});

function rangeOf({ superseded }: Decoration): [number, number] | null {
  const values = superseded.flatMap(({ y }) => y.filter((v) => v !== null));
  return values.length === 0 ? null : [Math.min(...values), Math.max(...values)];
}
