/** The numbers that people look for first: best epoch with its interval, how far, how long. */
import { memo } from "react";
import { Tile, Tiles } from "../ui/controls";
import { formatDuration, formatFraction } from "../ui/format";
import type { GraphDocument } from "./document";
import { own, shownEpoch } from "./document";
import { elapsedSeconds } from "./frame";
import { MAP50, MAP50_95, titleOf } from "./panels";

export const Summary = memo(function Summary({ doc, isLive }: { doc: GraphDocument; isLive: boolean }) {
  const { best } = doc;
  const at = best ? doc.epochs.indexOf(best.epoch) : -1;
  const elapsed = elapsedSeconds(doc)?.at(-1);
  const planned = doc.epochs_planned;
  return (
    <Tiles>
      {best && (
        <>
          <Tile
            name={`Best ${titleOf(doc, best.metric)}`}
            value={formatFraction(best.value)}
            note={intervalText(doc, best.metric, at)}
            title={own(doc.definitions, best.metric)?.sentence}
          />
          {best.metric === MAP50_95 && own(doc.series, MAP50) && (
            <Tile
              name={`${titleOf(doc, MAP50)} there`}
              value={formatFraction(own(doc.series, MAP50)?.[at])}
              note={intervalText(doc, MAP50, at)}
              title={own(doc.definitions, MAP50)?.sentence}
            />
          )}
          <Tile name="Best epoch" value={shownEpoch(doc, best.epoch)} note={bestNote(doc, isLive)} />
        </>
      )}
      <Tile
        name={isLive ? "Epochs so far" : "Epochs"}
        value={doc.epochs.length}
        note={planned ? `of ${planned} planned` : "the log does not say how many were planned"}
      />
      {elapsed !== undefined && (
        <Tile
          name="Training time"
          value={formatDuration(elapsed)}
          note={`${formatDuration(elapsed / doc.epochs.length)} per epoch`}
        />
      )}
    </Tiles>
  );
});

function intervalText(doc: GraphDocument, metric: string, at: number): string {
  const low = own(doc.series, `${metric}/low`)?.[at];
  const high = own(doc.series, `${metric}/high`)?.[at];
  if (low === undefined || low === null || high === undefined || high === null) return "on the val images";
  return `95 % interval ${formatFraction(low)} to ${formatFraction(high)}`;
}

function bestNote(doc: GraphDocument, isLive: boolean): string {
  if (!doc.best) return "";
  const inLog = doc.first_epoch === 0 ? `, ${doc.best.epoch} in the log` : "";
  const behind = doc.epochs.length - 1 - doc.epochs.indexOf(doc.best.epoch);
  if (behind === 0) return (isLive ? "the newest one" : "the last one") + inLog;
  return (behind === 1 ? "one epoch before the end" : `${behind} epochs before ${isLive ? "now" : "the end"}`) + inLog;
}
