/** What is drawn over the lines: events, the best epoch, values that are no number, and superseded points. Pure. */
import type { GraphDocument, Values } from "./document";
import { own } from "./document";
import type { Frame } from "./frame";
import { xOfEpoch } from "./frame";
import type { Panel } from "./panels";

export interface Decoration {
  events: { x: number; name: string }[];
  best: number | null;
  marks: { x: number; value: string; hue: number }[];
  superseded: { key: string; x: number[]; y: Values }[];
}

const EVENT_NAMES: Record<string, string> = {
  warmup_end: "warm-up ends",
  mosaic_off: "mosaic off",
  lr_drop: "learning rate drops",
  resume: "resumed",
  stop: "stopped",
  nan: "NaN",
};

export const NO_DECORATION: Decoration = { events: [], best: null, marks: [], superseded: [] };

export function eventName(event: string): string {
  return own(EVENT_NAMES, event) ?? event.replaceAll("_", " ");
}

export function buildDecoration(doc: GraphDocument, frame: Frame, panel: Panel, hidden: string[]): Decoration {
  const lines = new Map(panel.lines.filter((line) => !hidden.includes(line.key)).map((line) => [line.key, line]));
  const at = (epoch: number): number | null => xOfEpoch(doc, frame, epoch);
  return {
    events: doc.events.flatMap(({ epoch, event }) => {
      const x = at(epoch);
      return x === null ? [] : [{ x, name: eventName(event) }];
    }),
    best: doc.best ? at(doc.best.epoch) : null,
    marks: doc.marks.flatMap((mark) => {
      const x = at(mark.epoch);
      const line = lines.get(mark.series);
      return x === null || !line ? [] : [{ x, value: mark.value, hue: line.hue }];
    }),
    superseded: doc.superseded.flatMap(({ epochs, series }) =>
      [...lines.keys()].flatMap((key) => supersededLine(key, epochs, own(series, key), at)),
    ),
  };
}

function supersededLine(
  key: string,
  epochs: number[],
  values: Values | undefined,
  at: (epoch: number) => number | null,
) {
  if (!values) return [];
  const points = epochs.flatMap((epoch, i) => {
    const x = at(epoch);
    return x === null ? [] : [{ x, y: values[i] ?? null }];
  });
  return points.length === 0 ? [] : [{ key, x: points.map((p) => p.x), y: points.map((p) => p.y) }];
}

/**
 * Rows for labels that stand beside vertical lines, so that none covers another.
 *
 * @returns the row of each label from 0; -1 for one that finds no room (its line is drawn, its name stands in the list).
 */
export function placeLabels(labels: { left: number; width: number }[], rows: number, right: number): number[] {
  const ends: number[] = Array<number>(rows).fill(-Infinity);
  return labels.map(({ left, width }) => {
    if (left + width > right) return -1;
    const row = ends.findIndex((end) => end + 6 <= left);
    if (row >= 0) ends[row] = left + width;
    return row;
  });
}
