/** What is to be said about a threshold, in sentences. Pure. */
import { formatCount, formatFraction } from "../ui/format";
import type { ChosenHere } from "./curves";

interface Terms {
  beta: string;
  /** Of the evaluation that is shown. */
  split: string;
  isOneClass: boolean;
}

const FEW = 50;

export function thresholdSentences({ best, checked, own }: ChosenHere, { beta, split, isOneClass }: Terms): string[] {
  const sentences = [];
  if (checked) {
    sentences.push(
      `Chosen on val (F${beta} ${formatFraction(best.f)} there), checked on ${split}: F${beta} ` +
        `${formatFraction(checked.f)}, precision ${formatFraction(checked.precision)}, recall ${formatFraction(checked.recall)}.`,
    );
    if (own) {
      sentences.push(
        `${capital(split)} itself would choose ${formatFraction(own.confidence)} (F${beta} ${formatFraction(own.f)}); that is not to be quoted, ` +
          "because it was chosen on the images that judge it.",
      );
    }
  } else {
    sentences.push(
      `Chosen on ${split}: F${beta} ${formatFraction(best.f)}, precision ${formatFraction(best.precision)}, recall ` +
        `${formatFraction(best.recall)}. The same images choose and judge, so these are a little too good; ` +
        (split === "val" ? "test says what the threshold is worth." : "check it on others."),
    );
  }
  sentences.push(flatSentence(best));
  if (isOneClass && !best.well_founded) {
    sentences.push(
      `It rests on ${formatCount(best.annotations)} annotations, under ${FEW}: better use the threshold of all classes.`,
    );
  }
  return sentences;
}

function flatSentence({ low, high }: { low: number; high: number }): string {
  return high - low > 0.015
    ? `Anywhere from ${low.toFixed(2)} to ${high.toFixed(2)} is as good, within 1 %.`
    : "The best is narrow: a little beside it costs more than 1 %.";
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
