import { useCallback, useEffect, useRef, useState } from "react";
import type { Placement, Point, Size } from "./geometry";
import { fit, keepInSight, zoomAt } from "./geometry";

const FIRST: Size = [600, 400];

/** How the picture lies on the stage; it fits until somebody zooms or moves it. */
export function usePlacement(image: Size) {
  const [stage, setStage] = useState<Size>(FIRST);
  const [chosen, setChosen] = useState<Placement | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = (): void => setStage([element.clientWidth || FIRST[0], element.clientHeight || FIRST[1]]);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const at = chosen ? keepInSight(chosen, image, stage) : fit(image, stage);
  const latest = useRef(at);
  useEffect(() => {
    latest.current = at;
  });
  const place = useCallback((next: (now: Placement) => Placement) => {
    latest.current = next(latest.current); // Several in one frame follow each other.
    setChosen(latest.current);
  }, []);
  const [width, height] = image;
  const [stageWidth, stageHeight] = stage;
  const zoom = useCallback(
    (factor: number, point: Point = [stageWidth / 2, stageHeight / 2]) =>
      place((now) => zoomAt(now, factor, point, [width, height], [stageWidth, stageHeight])),
    [place, width, height, stageWidth, stageHeight],
  );
  const moveTo = useCallback(
    (next: Placement) => place(() => keepInSight(next, [width, height], [stageWidth, stageHeight])),
    [place, width, height, stageWidth, stageHeight],
  );
  const shift = useCallback(
    ([x, y]: Point) =>
      place((now) => keepInSight({ ...now, x: now.x + x, y: now.y + y }, [width, height], [stageWidth, stageHeight])),
    [place, width, height, stageWidth, stageHeight],
  );
  const showAll = useCallback(() => setChosen(null), []);
  return { frame, stage, at, zoom, moveTo, shift, showAll };
}

export type Placing = ReturnType<typeof usePlacement>;
