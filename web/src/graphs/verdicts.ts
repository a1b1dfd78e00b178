/** What each verdict means, in words for a person who never trained a model. */
import { own } from "./document";

type Tone = "good" | "warn" | "bad" | "info";

interface VerdictText {
  title: string;
  sentence: string;
  tone: Tone;
}

const VERDICTS: Record<string, VerdictText> = {
  improving_still: {
    title: "Still improving",
    sentence: "The model was still getting better when the log ends. More epochs would probably help.",
    tone: "info",
  },
  plateaued: {
    title: "Plateaued",
    sentence: "The model stopped getting better a while ago. More epochs of the same kind will not change much.",
    tone: "warn",
  },
  healthy_converged: {
    title: "Healthy, converged",
    sentence: "Train and val losses fell together and levelled out, and the model ends close to its best.",
    tone: "good",
  },
  overfitting: {
    title: "Overfitting",
    sentence: "The model goes on learning its train images by heart while it gets no better, or worse, on new ones.",
    tone: "warn",
  },
  diverged_or_nan: {
    title: "Broke down",
    sentence: "The losses blew up or are no longer numbers, and the model did not recover.",
    tone: "bad",
  },
  unstable_noisy: {
    title: "Unstable",
    sentence: "The metrics swing so much from epoch to epoch that neither the trend nor the best epoch can be trusted.",
    tone: "warn",
  },
  not_learning: {
    title: "Not learning",
    sentence: "After all these epochs the model finds next to nothing.",
    tone: "bad",
  },
  too_short_to_tell: {
    title: "Too short to tell",
    sentence: "There are too few epochs to say how this training goes.",
    tone: "info",
  },
  cannot_tell: {
    title: "Cannot tell",
    sentence: "The log holds no mAP, so there is nothing to judge the model by.",
    tone: "info",
  },
};

export function describeVerdict(verdict: string): VerdictText {
  return own(VERDICTS, verdict) ?? { title: verdict.replaceAll("_", " "), sentence: "", tone: "info" };
}

/** A run that lives is not finished: its verdict speaks of the present. */
export function describeLive(verdict: string): VerdictText {
  const text = describeVerdict(verdict);
  if (verdict === "improving_still") return { ...text, sentence: "The model gets better with every few epochs." };
  if (verdict === "too_short_to_tell") return { ...text, sentence: "A few more epochs, and the graph can be read." };
  if (verdict === "cannot_tell") return { ...text, sentence: "There is no mAP yet to judge the model by." };
  return text;
}
