/** One panel on the screen: turns a drawing into options and data, and hands them to `Chart`. */
import { memo, useCallback, useLayoutEffect, useRef } from "react";
import type uPlot from "uplot";
import { readTheme, useThemeVersion } from "../ui/theme";
import { besideRange } from "./besideRange";
import { Chart, takeSelection } from "./Chart";
import type { ChartGroup } from "./ChartGroup";
import { buildOptions } from "./chartOptions";
import type { Decoration } from "./decoration";
import { drawBest, drawEvents, drawMarks, drawSuperseded } from "./drawing";
import type { Move } from "./frame";
import type { PanelDrawing } from "./panelDrawing";

export interface ChartPanelProps {
  drawing: PanelDrawing;
  group: ChartGroup;
  height: number;
  /** Where the cursor is on x; null when it is away. */
  onCursor: (x: number | null) => void;
  onZoom: (range: [number, number] | null) => void;
  onMove: (change: Move) => void;
}

export const ChartPanel = memo(function ChartPanel(props: ChartPanelProps) {
  const { drawing, group, height } = props;
  const { panel, columns, axis, isLog, gaps } = drawing;
  const themeVersion = useThemeVersion();
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });

  // A text as key: a live point changes the data but not the shape of the chart, which then stays.
  const shape = JSON.stringify({ panel, columns, axis, isLog, height, gaps });
  const build = useCallback(
    (width: number): uPlot.Options => {
      const made = JSON.parse(shape) as Parameters<typeof buildOptions>[0] & { gaps: string[] };
      const theme = readTheme();
      const now = (): Decoration => latest.current.drawing.decoration;
      return buildOptions({
        ...made,
        theme,
        width,
        syncKey: group.syncKey,
        hasGaps: (key) => made.gaps.includes(key),
        extraRange: () => besideRange(latest.current.drawing),
        isClose: () => latest.current.drawing.isZoomed,
        hooks: {
          drawClear: [(u) => drawSuperseded(u, theme, now())],
          draw: [
            (u) => drawEvents(u, theme, now(), made.panel.id === "losses"),
            (u) => drawBest(u, theme, now(), made.panel.id === "metrics"),
            (u) => drawMarks(u, theme, now()),
          ],
          setCursor: [
            ({ cursor: { left = -1 }, posToVal }) => latest.current.onCursor(left < 0 ? null : posToVal(left, "x")),
          ],
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
      data={drawing.data as uPlot.AlignedData}
      range={drawing.range}
      group={group}
      onZoom={props.onZoom}
      onMove={props.onMove}
    />
  );
});
