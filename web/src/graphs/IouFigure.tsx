/** Two boxes to move: what "overlap" means in mAP, and which of its ten thresholds a box passes. */
import type { KeyboardEvent, PointerEvent } from "react";
import { useRef, useState } from "react";
import { Button } from "../ui/controls";
import { formatFraction } from "../ui/format";
import type { Box } from "./iou";
import { moved, overlap, passed, resized, THRESHOLDS } from "./iou";
import styles from "./IouFigure.module.css";

const SPACE: [number, number] = [360, 230];
const START: { label: Box; model: Box } = {
  label: { x: 90, y: 50, width: 150, height: 120 },
  model: { x: 112, y: 68, width: 150, height: 120 },
};
const NAMES = { label: "the person's box", model: "the model's box" };
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

type Which = keyof typeof START;

export function IouFigure() {
  const [boxes, setBoxes] = useState(START);
  const { shared, intersection, union, iou } = overlap(boxes.label, boxes.model);
  const count = passed(iou);
  const change = (which: Which, box: Box): void => setBoxes((now) => ({ ...now, [which]: box }));
  return (
    <figure className={styles["figure"]} data-testid="iou">
      <svg
        viewBox={`0 0 ${SPACE[0]} ${SPACE[1]}`}
        role="group"
        aria-label="Two boxes to move: the person's and the model's"
      >
        <path className={styles["union"]} d={`${outline(boxes.label)}${outline(boxes.model)}`} />
        <rect className={styles["shared"]} {...shared} />
        <BoxToMove which="label" box={boxes.label} onChange={change} />
        <BoxToMove which="model" box={boxes.model} onChange={change} />
      </svg>
      <figcaption>
        <p className={styles["formula"]} aria-live="polite">
          IoU = shared <b className={styles["dark"]}>{area(intersection)}</b> ÷ covered by either{" "}
          <b className={styles["pale"]}>{area(union)}</b> = <strong>{formatFraction(iou)}</strong>
        </p>
        <ol className={styles["thresholds"]} aria-label="Thresholds that this overlap passes">
          {THRESHOLDS.map((threshold, i) => (
            <li key={threshold} data-passed={i < count}>
              {threshold.toFixed(2)}
              <span>{i < count ? "✓" : "✕"}</span>
            </li>
          ))}
        </ol>
        <p>
          Drag a box or its corner, or use the arrow keys (Shift changes the size). This box is{" "}
          {count > 0 ? "right" : "wrong"} for mAP_0.5, and right at {count} of the ten overlaps of mAP_0.5:0.95. What
          both boxes share is counted once, not twice, so two equal boxes have an IoU of 1.
        </p>
        <Button disabled={boxes === START} onClick={() => setBoxes(START)}>
          Put them back
        </Button>
      </figcaption>
    </figure>
  );
}

interface BoxToMoveProps {
  which: Which;
  box: Box;
  onChange: (which: Which, box: Box) => void;
}

function BoxToMove({ which, box, onChange }: BoxToMoveProps) {
  const grip = useRef<{ box: Box; x: number; y: number; change: typeof moved } | null>(null);
  const { x, y, width, height } = box;
  const take = (event: PointerEvent<SVGElement>): void => {
    const isCorner = (event.target as Element).matches("circle");
    grip.current = { box, x: event.clientX, y: event.clientY, change: isCorner ? resized : moved };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const drag = (event: PointerEvent<SVGGElement>): void => {
    if (!grip.current) return;
    const from = grip.current;
    const scale = SPACE[0] / (event.currentTarget.ownerSVGElement?.clientWidth || SPACE[0]);
    onChange(which, from.change(from.box, (event.clientX - from.x) * scale, (event.clientY - from.y) * scale, SPACE));
  };
  const press = (event: KeyboardEvent): void => {
    const [dx, dy] = ARROWS[event.key] ?? [];
    if (dx === undefined || dy === undefined) return;
    event.preventDefault();
    onChange(which, (event.shiftKey ? resized : moved)(box, dx * 4, dy * 4, SPACE));
  };
  return (
    <g
      className={styles["box"]}
      data-which={which}
      role="application"
      tabIndex={0}
      aria-label={`Move ${NAMES[which]} with the arrow keys; with Shift they change its size`}
      onPointerDown={take}
      onPointerMove={drag}
      onPointerUp={() => (grip.current = null)}
      onPointerCancel={() => (grip.current = null)}
      onKeyDown={press}
    >
      <rect {...box} />
      <text x={which === "label" ? x + 6 : x + width - 6} y={which === "label" ? y - 6 : y + height + 16}>
        {NAMES[which]}
      </text>
      <circle cx={x + width} cy={y + height} r="7" />
    </g>
  );
}

function outline({ x, y, width, height }: Box): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}

function area(px2: number): string {
  return `${Math.round(px2).toLocaleString("en-US")} px²`;
}
