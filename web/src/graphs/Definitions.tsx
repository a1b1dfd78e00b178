/** Every series of this log in a sentence, and the words they use, for a person who never trained a model. */
import { Fragment, memo } from "react";
import { Card } from "../ui/controls";
import styles from "./Definitions.module.css";
import type { Definition, GraphDocument } from "./document";
import { IouFigure } from "./IouFigure";
import { groupOf, isBound, parseClassKey } from "./panels";

type Term = Pick<Definition, "title" | "sentence"> & Partial<Definition>;

const GROUPS: { title: string; groups: string[] }[] = [
  { title: "How good is it?", groups: ["metrics"] },
  { title: "How wrong is it while it learns?", groups: ["losses"] },
  { title: "How it was trained", groups: ["lr", "time", "other"] },
];

const WORDS: Term[] = [
  { title: "Epoch", sentence: "One pass over all train images. After each one the model is tried on the val images." },
  {
    title: "Train, val, test",
    sentence:
      "Three piles of images. The model learns from train. Val is never learned from: it says after each epoch how good " +
      "the model has become, and which epoch is best. Test is used once, at the end; because the best epoch was picked " +
      "by val, val flatters a little and test does not.",
  },
  {
    title: "Confidence",
    sentence:
      "How sure the model is of a box, from 0 to 1. Boxes below a threshold are not shown: a high threshold gives fewer " +
      "wrong boxes and more misses. Precision and recall hold at one threshold; mAP looks at all of them.",
  },
  {
    title: "IoU, overlap",
    sentence:
      "How well a box fits, from 0 to 1: the area that it shares with the true box, divided by the area that the two " +
      "cover together.",
  },
  {
    title: "AP of a class",
    sentence:
      "mAP for one kind of object. mAP is the mean over the classes, so a good number can hide a class that is never found.",
  },
  {
    title: "Shaded band",
    sentence:
      "With other val images of the same kind the number would have come out a little different; in 95 of 100 cases it " +
      "lies in the band. Few val images make a wide band. Two epochs whose bands overlap may be equally good.",
  },
];

export const DEFINITIONS_ID = "what-the-numbers-mean";

export const Definitions = memo(function Definitions({ doc }: { doc: GraphDocument }) {
  const known = Object.entries(doc.definitions).filter(([key]) => !isBound(key) && parseClassKey(key) === null);
  return (
    <Card label="What the numbers mean">
      <div className={styles["stack"]} id={DEFINITIONS_ID} tabIndex={-1}>
        <h2>What the numbers mean</h2>
        {GROUPS.map(({ title, groups }) => (
          <Fragment key={title}>
            <Terms
              title={title}
              terms={known.filter(([key]) => groups.includes(groupOf(doc, key))).map(([, one]) => one)}
            />
            {groups.includes("metrics") && (
              <>
                <h3>When is a box right? Try it</h3>
                <IouFigure />
              </>
            )}
          </Fragment>
        ))}
        <Terms title="Words" terms={WORDS} />
      </div>
    </Card>
  );
});

function Terms({ title, terms }: { title: string; terms: Term[] }) {
  if (terms.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <dl className={styles["list"]}>
        {terms.map((term) => (
          <div key={term.title}>
            <dt>
              {term.title} {term.better && <small>{term.better} is better</small>}
            </dt>
            <dd>{term.sentence}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
