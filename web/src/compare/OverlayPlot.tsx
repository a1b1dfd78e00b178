/** Lines of several runs over one x axis, with a cursor that reads all of them. */
import type { KeyboardEvent, PointerEvent } from "react";
import { useState } from "react";
import { formatValue } from "../ui/format";
import { linePath } from "../ui/linePath";
import { niceTicks } from "../ui/ticks";
import { useWidth } from "../ui/useWidth";
import type { Along, OverlayLine } from "./comparison";
import { valueAt } from "./comparison";
import styles from "./OverlayPlot.module.css";

interface OverlayPlotProps {
  label: string;
  along: Along;
  lines: OverlayLine[];
  /** Fractions start at 0. */
  isFraction: boolean;
}

const [LEFT, RIGHT, TOP, FOOT, HEIGHT] = [48, 12, 10, 40, 340];
const AXES: Record<Along, string> = { epoch: "epoch", time: "hours since the start", share: "part of the schedule" };

export function OverlayPlot({ label, along, lines, isFraction }: OverlayPlotProps) {
  const [host, width] = useWidth(800);
  const [cursor, setCursor] = useState<number | null>(null);
  const [x0, x1] = extent(lines.flatMap((line) => [line.x[0] ?? 0, line.x.at(-1) ?? 0]));
  const [low, high] = extent(lines.flatMap((line) => [...line.y, ...(line.low ?? []), ...(line.high ?? [])]));
  const [y0, y1] = [isFraction ? 0 : low, high];
  const x = (value: number): number => LEFT + ((value - x0) / (x1 - x0)) * (width - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - FOOT - ((value - y0) / (y1 - y0)) * (HEIGHT - FOOT - TOP);
  const place = (value: number): void => {
    const inside = Math.min(x1, Math.max(x0, value));
    setCursor(along === "epoch" ? Math.round(inside) : inside);
  };
  const point = (event: PointerEvent<SVGSVGElement>): void => {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    place(x0 + ((left - LEFT) / (width - LEFT - RIGHT)) * (x1 - x0));
  };
  const press = (event: KeyboardEvent): void => {
    const step = along === "epoch" ? 1 : (x1 - x0) / 50;
    const now = cursor ?? x1;
    const to = { ArrowLeft: now - step, ArrowRight: now + step, Home: x0, End: x1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    place(to);
  };
  return (
    <div ref={host}>
      <svg
        className={styles["plot"]}
        width={width}
        height={HEIGHT}
        role="application"
        tabIndex={0}
        aria-label={`${label}. Arrow keys move the cursor.`}
        data-testid="overlay"
        onPointerMove={point}
        onPointerLeave={() => setCursor(null)}
        onKeyDown={press}
        onBlur={() => setCursor(null)}
      >
        {niceTicks(y0, y1, 5).map((tick) => (
          <g key={tick}>
            <line className={styles["grid"]} x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
              {tick}
            </text>
          </g>
        ))}
        {niceTicks(x0, x1, width < 500 ? 5 : 8, along === "epoch" ? 1 : 0).map((tick) => (
          <text key={tick} x={x(tick)} y={HEIGHT - FOOT + 18} textAnchor="middle">
            {along === "share" ? `${Math.round(tick * 100)} %` : tick}
          </text>
        ))}
        <text x={width - RIGHT} y={HEIGHT - 4} textAnchor="end">
          {AXES[along]}
        </text>
        {lines.map(
          (line) =>
            line.low && <path key={line.key} className={styles["band"]} data-hue={line.hue} d={bandPath(line, x, y)} />,
        )}
        {lines.map((line) => (
          <path
            key={line.key}
            className={styles["line"]}
            data-hue={line.hue}
            data-dash={line.dash}
            data-thin={line.isRepeat}
            d={linePath(line.x, line.y, x, y)}
          />
        ))}
        {cursor !== null && (
          <line className={styles["cursor"]} x1={x(cursor)} x2={x(cursor)} y1={TOP} y2={HEIGHT - FOOT} />
        )}
      </svg>
      <p className={styles["at"]} aria-live="polite">
        {cursor === null ? "The last value of each run; point at the graph for others." : cursorText(cursor, along)}
      </p>
      <ul className={styles["legend"]} data-testid="overlay-values">
        {lines.map((line) => (
          <li key={line.key}>
            <svg width="26" height="10" aria-hidden="true">
              <path
                className={styles["line"]}
                data-hue={line.hue}
                data-dash={line.dash}
                data-thin={line.isRepeat}
                d="M1 5H25"
              />
            </svg>
            <span>{line.name}</span>
            <strong>{formatValue(cursor === null ? line.y.findLast((v) => v !== null) : valueAt(line, cursor))}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

function cursorText(cursor: number, along: Along): string {
  if (along === "epoch") return `Epoch ${cursor}`;
  return along === "share" ? `${Math.round(cursor * 100)} % of the schedule` : `${cursor.toFixed(2)} hours`;
}

/** Smallest and largest; never of no width, so that nothing is divided by zero. */
function extent(values: (number | null)[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [0, 1];
  return low === high ? [low - Math.abs(low) / 2 - 0.5, high + Math.abs(high) / 2 + 0.5] : [low, high];
}

/** Along the upper bound and back along the lower one, where both have values. */
function bandPath(line: OverlayLine, x: (v: number) => number, y: (v: number) => number): string {
  const there: string[] = [];
  const back: string[] = [];
  line.x.forEach((at, i) => {
    const [low, high] = [line.low?.[i] ?? null, line.high?.[i] ?? null];
    if (low === null || high === null) return;
    there.push(`${x(at).toFixed(1)} ${y(high).toFixed(1)}`);
    back.unshift(`${x(at).toFixed(1)} ${y(low).toFixed(1)}`);
  });
  return there.length === 0 ? "" : `M${[...there, ...back].join("L")}Z`;
}
