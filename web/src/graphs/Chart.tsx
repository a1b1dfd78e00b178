/** Owns one uPlot: creates it, feeds it, resizes it, destroys it. A new point is set into it; it is not built again. */
import { useEffect, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./Chart.css";
import type { ChartGroup } from "./ChartGroup";
import { lineWidths } from "./chartOptions";
import type { Move } from "./frame";

interface ChartProps {
  /** A new identity builds the chart anew; keep it when only data changed. */
  build: (width: number) => uPlot.Options;
  data: uPlot.AlignedData;
  range: [number, number];
  group: ChartGroup;
  onZoom: (range: [number, number] | null) => void;
  /** Ctrl + wheel zooms about x; Shift + wheel and Shift + drag move. */
  onMove: (change: Move) => void;
}

export function Chart({ build, data, range, group, onZoom, onMove }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const planned = useRef<number[]>([]);
  const latest = useRef({ data, range, onZoom, onMove });

  useLayoutEffect(() => {
    latest.current = { data, range, onZoom, onMove };
  });

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return;
    const options = build(element.clientWidth);
    const [min, max] = latest.current.range;
    const u = new uPlot(
      { ...options, scales: { ...options.scales, x: { time: false, min, max } } },
      undefined,
      element,
    );
    planned.current = options.series.map((series) => series.width ?? 1);
    feed(u, planned.current, latest.current.data, latest.current.range);
    const stopListening = listen(u, group, () => latest.current);
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== u.width) {
        u.setSize({ width: element.clientWidth, height: options.height });
      }
    });
    observer.observe(element);
    group.add(u);
    chart.current = u;
    return () => {
      observer.disconnect();
      stopListening();
      group.remove(u);
      u.destroy();
      chart.current = null;
    };
  }, [build, group]);

  useEffect(() => {
    if (chart.current) feed(chart.current, planned.current, data, range);
  }, [data, range]);

  return <div ref={host} className="ep-chart" />;
}

function feed(u: uPlot, widths: number[], data: uPlot.AlignedData, [min, max]: [number, number]): void {
  u.batch(() => {
    lineWidths(widths, data).forEach((width, at) => {
      if (u.series[at]) u.series[at].width = width;
    });
    u.setData(data, false);
    u.setScale("x", { min, max });
  });
}

type Handlers = Pick<ChartProps, "onZoom" | "onMove">;

function listen(u: uPlot, group: ChartGroup, handlers: () => Handlers): () => void {
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.shiftKey) return; // The page keeps its own scrolling.
    event.preventDefault();
    const amount = event.deltaY || event.deltaX;
    const centre = u.posToVal(event.offsetX, "x");
    handlers().onMove(event.shiftKey ? { shift: Math.sign(amount) * 0.1 } : { scale: amount > 0 ? 1.25 : 0.8, centre });
  };
  const grab = (event: MouseEvent): void => {
    if (!event.shiftKey || event.button !== 0) return; // Without Shift a drag selects a part to zoom into.
    event.preventDefault();
    event.stopImmediatePropagation();
    const drag = ({ movementX }: MouseEvent): void => handlers().onMove({ shift: -movementX / u.over.clientWidth });
    addEventListener("mousemove", drag);
    addEventListener("mouseup", () => removeEventListener("mousemove", drag), { once: true });
  };
  const touch = (event: PointerEvent): void => {
    if (event.pointerType !== "touch") return;
    const { left, width } = u.over.getBoundingClientRect();
    group.moveTo(u.posToVal(Math.min(Math.max(event.clientX - left, 0), width), "x"));
  };
  const reset = (): void => handlers().onZoom(null);
  u.over.addEventListener("wheel", wheel, { passive: false });
  u.root.addEventListener("mousedown", grab, { capture: true });
  u.over.addEventListener("pointermove", touch);
  u.over.addEventListener("dblclick", reset);
  return () => {
    u.over.removeEventListener("wheel", wheel);
    u.root.removeEventListener("mousedown", grab, { capture: true });
    u.over.removeEventListener("pointermove", touch);
    u.over.removeEventListener("dblclick", reset);
  };
}

/** What a person dragged over, as a part of the x axis; null for a click. */
export function takeSelection(u: uPlot): [number, number] | null {
  const { left, width } = u.select;
  if (width < 4) return null;
  const selected: [number, number] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  return selected;
}
