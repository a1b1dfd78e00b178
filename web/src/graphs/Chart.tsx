/** Owns one uPlot: creates it, feeds it, resizes it, destroys it. A new point is set into it; it is not built again. */
import { useEffect, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./Chart.css";
import type { ChartGroup } from "./ChartGroup";

export interface ChartProps {
  /** A new identity builds the chart anew; keep it when only data changed. */
  build: (width: number) => uPlot.Options;
  data: uPlot.AlignedData;
  range: [number, number];
  group: ChartGroup;
  onZoom: (range: [number, number] | null) => void;
  /** Wheel with Ctrl zooms about x, with Shift moves. */
  onWheel: (event: WheelEvent, x: number) => void;
}

export function Chart({ build, data, range, group, onZoom, onWheel }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef({ data, range, onZoom, onWheel });

  useLayoutEffect(() => {
    latest.current = { data, range, onZoom, onWheel };
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
    feed(u, latest.current.data, latest.current.range);
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
    if (chart.current) feed(chart.current, data, range);
  }, [data, range]);

  return <div ref={host} className="ep-chart" />;
}

function feed(u: uPlot, data: uPlot.AlignedData, [min, max]: [number, number]): void {
  u.batch(() => {
    u.setData(data, false);
    u.setScale("x", { min, max });
  });
}

type Handlers = Pick<ChartProps, "onZoom" | "onWheel">;

function listen(u: uPlot, group: ChartGroup, handlers: () => Handlers): () => void {
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.shiftKey) return; // The page keeps its own scrolling.
    event.preventDefault();
    handlers().onWheel(event, u.posToVal(event.offsetX, "x"));
  };
  const touch = (event: PointerEvent): void => {
    if (event.pointerType !== "touch") return;
    const { left, width } = u.over.getBoundingClientRect();
    group.moveTo(u.posToVal(Math.min(Math.max(event.clientX - left, 0), width), "x"));
  };
  const reset = (): void => handlers().onZoom(null);
  u.over.addEventListener("wheel", wheel, { passive: false });
  u.over.addEventListener("pointermove", touch);
  u.over.addEventListener("dblclick", reset);
  return () => {
    u.over.removeEventListener("wheel", wheel);
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
