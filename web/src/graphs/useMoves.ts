import { useCallback, useLayoutEffect, useRef } from "react";
import type { Move } from "./frame";
import { moveZoom } from "./frame";

type Range = [number, number];

/**
 * Zooming and moving, at most once a frame: a wheel speaks much faster than a graph is drawn, and what it said meanwhile is
 * added up.
 */
export function useMoves(zoom: Range | null, extent: Range, onZoom: (zoom: Range | null) => void) {
  const now = useRef({ zoom, extent, onZoom });
  const frame = useRef<number | null>(null);
  useLayoutEffect(() => {
    now.current = { zoom: frame.current === null ? zoom : now.current.zoom, extent, onZoom };
  });
  return useCallback((change: Move) => {
    now.current.zoom = moveZoom(now.current.zoom, now.current.extent, change);
    frame.current ??= requestAnimationFrame(() => {
      frame.current = null;
      now.current.onZoom(now.current.zoom);
    });
  }, []);
}
