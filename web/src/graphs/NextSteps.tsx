/** What to do with a model whose training has ended; the guide in docs/ has it at length. */
import { memo } from "react";
import { Card } from "../ui/controls";
import type { GraphDocument } from "./document";
import styles from "./NextSteps.module.css";

export const NextSteps = memo(function NextSteps({ doc }: { doc: GraphDocument }) {
  if (doc.source.format !== "epochal" || !doc.best) return null;
  const weights = `${doc.source.path}/weights/best.onnx`;
  const confidence = doc.evaluation?.confidence ?? null;
  const steps: { title: string; text: string; command?: string }[] = [
    {
      title: "Believe test, not val",
      text: "The best epoch was chosen by val, so its val number is lucky. Judge with images from where the model will work.",
      command: `epochal evaluate ${weights} IMAGES/`,
    },
    {
      title: "Choose the threshold by what a mistake costs",
      text: "False alarms dear: higher. Misses dear: lower. It belongs to this model and is chosen anew after each training.",
      command: `epochal predict ${weights} IMAGES/ --confidence ${(confidence ?? 0.25).toFixed(2)}`,
    },
    {
      title: "Watch it",
      text: "Mean confidence, boxes an image, errors, latency; and once a month label fifty pictures drawn at random.",
    },
    {
      title: "Collect what it finds hard, and train again",
      text: "Keep the test images as they are, change one thing at a time, and compare the runs on the same images.",
      command: `epochal graph ${doc.source.path} NEW_RUN`,
    },
  ];
  return (
    <Card label="From this model to production">
      <h2>From this model to production</h2>
      <ol className={styles["steps"]}>
        {steps.map(({ title, text, command }) => (
          <li key={title}>
            <strong>{title}</strong>
            <p>{text}</p>
            {command && <code>{command}</code>}
          </li>
        ))}
      </ol>
      <p className={styles["more"]}>
        The whole way, from the split to active learning, stands in <code>docs/from-model-to-production.md</code>.
      </p>
    </Card>
  );
});
