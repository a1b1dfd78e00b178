/** Fingers and mouse on the stage: one drags, two zoom and move the picture. */
import type { PointerEvent, RefObject } from "react";
import { useEffect, useRef, useState } from "react";
import type { Drag, Scene } from "./dragging";
import { beginDrag, endDrag, moveDrag, pinch } from "./dragging";
import type { Edit } from "./editing";
import type { Point } from "./geometry";
import type { Placing } from "./usePlacement";

const [REACH_PX, FINGER_PX] = [8, 22];
const ZOOM_PER_PX = 0.0016;
const MIDDLE_BUTTON = 1;

interface Asked {
  placing: Placing;
  scene: Omit<Scene, "reach" | "at">;
  className: string | null;
  onEdit: (edit: Edit) => void;
  /** A box was drawn and there is no class for it. */
  onNameless: () => void;
}

export function usePointers({ placing, scene, className, onEdit, onNameless }: Asked) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const fingers = useRef(new Map<number, Point>());
  const { frame, at, zoom, moveTo, shift } = placing;
  useWheel(frame, zoom);
  const pointOf = ({ currentTarget, clientX, clientY }: PointerEvent): Point => {
    const { left, top } = currentTarget.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const sceneFor = (event: PointerEvent): Scene => ({
    ...scene,
    at,
    tool: event.buttons === 4 ? "pan" : scene.tool,
    reach: event.pointerType === "mouse" ? REACH_PX : FINGER_PX,
  });
  const pinchTo = (id: number, point: Point): void => {
    const [a, b] = [...fingers.current.keys()];
    if (a === undefined || b === undefined) return;
    const pair = (): [Point, Point] => [fingers.current.get(a) ?? point, fingers.current.get(b) ?? point];
    const before = pair();
    fingers.current.set(id, point);
    const { factor, middle, by } = pinch(before, pair());
    shift(by);
    zoom(factor, middle);
  };
  return {
    drag,
    cancel: () => setDrag(null),
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
        if (event.button !== 0 && event.button !== MIDDLE_BUTTON) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        fingers.current.set(event.pointerId, pointOf(event));
        setDrag(fingers.current.size === 1 ? beginDrag(sceneFor(event), pointOf(event)) : null);
      },
      onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
        if (!fingers.current.has(event.pointerId)) return;
        const point = pointOf(event);
        if (fingers.current.size === 2) return pinchTo(event.pointerId, point);
        fingers.current.set(event.pointerId, point);
        if (!drag) return;
        if (drag.kind === "pan") {
          const { placement, from } = drag;
          moveTo({ ...placement, x: placement.x + point[0] - from[0], y: placement.y + point[1] - from[1] });
        }
        setDrag(moveDrag(sceneFor(event), drag, point));
      },
      onPointerUp: (event: PointerEvent<HTMLDivElement>) => {
        fingers.current.delete(event.pointerId);
        if (!drag) return;
        const last = moveDrag(sceneFor(event), drag, pointOf(event));
        setDrag(null);
        const edit = endDrag(sceneFor(event), last, className);
        if (edit) onEdit(edit);
        else if (last.kind === "draw" && last.isMoved && className === null) onNameless();
      },
      onPointerCancel: (event: PointerEvent<HTMLDivElement>) => {
        fingers.current.delete(event.pointerId);
        setDrag(null);
      },
    },
  };
}

/** The wheel zooms, and does not scroll the page meanwhile; React's own handler could not prevent that. */
function useWheel(frame: RefObject<HTMLDivElement | null>, zoom: Placing["zoom"]): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY * ZOOM_PER_PX), [event.clientX - left, event.clientY - top]);
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [frame, zoom]);
}
