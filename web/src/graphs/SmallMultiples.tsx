/** One tiny chart for each class, all with the same axes, the worst class first. */
import { formatFraction } from "../ui/format";
import { linePath } from "../ui/linePath";
import type { Track } from "./alignment";
import { alignTracks } from "./alignment";
import type { GraphDocument } from "./document";
import { own, shownEpoch } from "./document";
import { classesWorstFirst } from "./classChoice";
import { classKey } from "./panels";
import styles from "./SmallMultiples.module.css";

const [WIDTH, HEIGHT] = [160, 64];

export function SmallMultiples({ doc, iou }: { doc: GraphDocument; iou: string }) {
  const classes = classesWorstFirst(doc, iou);
  const epochs = doc.epochs.map((epoch) => shownEpoch(doc, epoch));
  const [first, last] = [epochs[0] ?? 1, epochs.at(-1) ?? 1];
  const x = (epoch: number): number => ((epoch - first) / Math.max(1, last - first)) * WIDTH;
  const y = (value: number): number => 2 + (1 - value) * (HEIGHT - 4);
  if (classes.length === 0) return null;
  return (
    <details className={styles["multiples"]}>
      <summary>One chart for each of {classes.length} classes, the worst first</summary>
      <p>
        AP_{iou} from 0 to 1, epochs {first} to {last}; the number is the last value.
      </p>
      <ul>
        {classes.map(({ name, value }) => (
          <li key={name}>
            <svg
              viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
              role="img"
              aria-label={`AP_${iou} of ${name} by epoch, last ${formatFraction(value)}`}
            >
              <path className={styles["half"]} d={`M0 ${y(0.5)}H${WIDTH}`} />
              <path d={smallPath({ x: epochs, y: own(doc.series, classKey(name, iou)) ?? [] }, x, y)} />
            </svg>
            <div>
              <span>{name}</span>
              <strong>{formatFraction(value)}</strong>
            </div>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** As many points as can be told apart here; an epoch without a value is passed over. */
function smallPath(track: Track, toX: (v: number) => number, toY: (v: number) => number): string {
  const [x, cells] = alignTracks([track], [track.x[0] ?? 0, track.x.at(-1) ?? 1], WIDTH);
  return linePath(x, cells?.map((value) => value ?? undefined) ?? [], toX, toY);
}
