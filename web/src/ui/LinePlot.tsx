/** A small drawing of curves over the unit square: precision against recall, and the like. */
import type { PointerEvent } from "react";
import { linePath } from "./linePath";
import { useWidth } from "./useWidth";
import styles from "./LinePlot.module.css";

interface Curve {
  name: string;
  /** 1 to 8; 0 is the one that counts, drawn thick. */
  hue: number;
  x: number[];
  y: (number | null)[];
  isDashed?: boolean;
}

interface LinePlotProps {
  label: string;
  xLabel: string;
  yLabel: string;
  curves: Curve[];
  /** A shaded range of x. */
  range?: [number, number] | null;
  /** Upright line at x. */
  at?: number | undefined;
  /** Points of curves, in their hues. */
  dots?: { x: number; y: number; hue: number }[];
  onPick?: (x: number) => void;
}

const [LEFT, RIGHT, TOP, FOOT, HEIGHT] = [38, 10, 8, 38, 260];
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

export function LinePlot({ label, xLabel, yLabel, curves, range, at, dots = [], onPick }: LinePlotProps) {
  const [host, width] = useWidth(420);
  const x = (value: number): number => LEFT + value * (width - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - FOOT - value * (HEIGHT - FOOT - TOP);
  const pick = (event: PointerEvent<SVGSVGElement>): void => {
    if (!onPick || (event.type === "pointermove" && event.buttons !== 1)) return;
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    onPick(Math.min(1, Math.max(0, (left - LEFT) / (width - LEFT - RIGHT))));
  };
  return (
    <div ref={host}>
      <svg
        className={onPick ? `${styles["plot"]} ${styles["draggable"]}` : styles["plot"]}
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={label}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          pick(event);
        }}
        onPointerMove={pick}
      >
        {range && (
          <rect
            className={styles["range"]}
            x={x(range[0])}
            width={x(range[1]) - x(range[0])}
            y={TOP}
            height={HEIGHT - FOOT - TOP}
          />
        )}
        {TICKS.map((tick) => (
          <g key={tick}>
            <line className={styles["grid"]} x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
              {tick}
            </text>
            <text x={x(tick)} y={HEIGHT - FOOT + 16} textAnchor="middle">
              {tick}
            </text>
          </g>
        ))}
        <text x={x(1)} y={HEIGHT - 4} textAnchor="end">
          {xLabel}
        </text>
        <text x={x(0) + 6} y={HEIGHT - FOOT - 8}>
          {yLabel}
        </text>
        {curves.map((curve) => (
          <path
            key={curve.name}
            className={styles["curve"]}
            data-hue={curve.hue}
            data-dashed={curve.isDashed}
            d={linePath(curve.x, curve.y, x, y)}
          />
        ))}
        {at !== undefined && <line className={styles["at"]} x1={x(at)} x2={x(at)} y1={TOP} y2={HEIGHT - FOOT} />}
        {at !== undefined && onPick && <circle className={styles["handle"]} cx={x(at)} cy={HEIGHT - FOOT} r={7} />}
        {dots.map((dot, i) => (
          <circle key={i} className={styles["dot"]} data-hue={dot.hue} cx={x(dot.x)} cy={y(dot.y)} r={5} />
        ))}
      </svg>
    </div>
  );
}
