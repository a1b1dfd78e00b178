import type { RefObject } from "react";
import { useLayoutEffect, useRef, useState } from "react";

/** The width of an element in pixels, as it changes. */
export function useWidth(first: number): [RefObject<HTMLDivElement | null>, number] {
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return;
    const measure = (): void => setWidth((old) => element.clientWidth || old);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [host, width];
}
