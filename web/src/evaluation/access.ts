/** What the app can ask of the run whose evaluation is shown. A report has nobody to ask: there it is null. */
import { createContext, useContext, useEffect, useState } from "react";
import type { Confusion, EvaluatedImage } from "./numbers";

/** Row and column of the confusion matrix. */
export type Cell = [truth: number, prediction: number];

interface ImagesQuery {
  confidence: number;
  cell: Cell | null;
  offset: number;
  limit: number;
}

export interface ImagesPage {
  /** Images in all. */
  count: number;
  /** Pairs of label and prediction in the cell. */
  pairs?: number;
  offset: number;
  images: EvaluatedImage[];
}

export interface EvaluatedAccess {
  fileUrl: (path: string) => string;
  pictureUrl: (split: string, image: number, sidePx: number) => string;
  /** Why a picture does not come, in a sentence. */
  whyNot: (url: string) => Promise<string>;
  getConfusion: (split: string, confidence: number) => Promise<Confusion & { least_confidence: number }>;
  getImages: (split: string, query: ImagesQuery) => Promise<ImagesPage>;
}

export const EvaluatedRun = createContext<EvaluatedAccess | null>(null);

export function useEvaluatedRun(): EvaluatedAccess | null {
  return useContext(EvaluatedRun);
}

interface Answer<T> {
  key: string;
  value: T | null;
  error: string | null;
}

/**
 * Asks for something, and again when its key changes; meanwhile the old answer stays.
 *
 * @param key says what is asked for; null asks for nothing.
 * @param ask must depend on what is in the key alone.
 * @param waitMs lets a person move a slider before the question is put.
 */
export function useAsked<T>(
  key: string | null,
  ask: () => Promise<T>,
  waitMs = 0,
): { value: T | null; error: string | null; isOld: boolean } {
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  useEffect(() => {
    if (key === null) return;
    let isWanted = true;
    const timer = setTimeout(() => {
      ask().then(
        (value) => isWanted && setAnswer({ key, value, error: null }),
        (error: unknown) => isWanted && setAnswer({ key, value: null, error: (error as Error).message }),
      );
    }, waitMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the key stands for the question
  }, [key, waitMs]);
  return { value: answer?.value ?? null, error: answer?.error ?? null, isOld: answer?.key !== key };
}
