/** What was done to the train images, told apart: once in the version, and by the trainer at every draw. */
import type { ReactNode } from "react";
import type { Step } from "./augmentation";
import { mosaicEnd, offlineSteps, onlineSteps, outputsPerImage } from "./augmentation";
import styles from "./Augmentation.module.css";
import type { DatasetVersion, GraphDocument } from "./document";

export function Augmentation({ doc }: { doc: GraphDocument }) {
  const version = doc.dataset?.version ?? null;
  const online = onlineSteps(doc.recipe ?? {});
  if (!version && !online) return null;
  const end = mosaicEnd(doc.recipe ?? {});
  return (
    <div data-testid="augmentation">
      <h3>How the train images were varied</h3>
      <div className={styles["sides"]}>
        {doc.dataset && (
          <Side title="In the version, before the training" steps={version ? offlineSteps(version.augmentation) : []}>
            {offlineText(version)}
          </Side>
        )}
        {online && (
          <Side title="By the trainer, anew at every draw" steps={online}>
            {online.length === 0
              ? "Nothing: the trainer showed every image as it is."
              : `Every epoch sees other variants${end ? `; mosaic ${end}` : ""}.`}
          </Side>
        )}
      </div>
      <p className={styles["muted"]}>
        Val and test images are never varied. Varied images are harder, so train losses may lie above val losses.
      </p>
    </div>
  );
}

function Side({ title, steps, children }: { title: string; steps: Step[]; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h4>{title}</h4>
      <p>{children}</p>
      {steps.length > 0 && (
        <dl>
          {steps.map(({ name, text }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function offlineText(version: DatasetVersion | null): string {
  if (!version) return "Nothing: it was trained on the folder itself, not on a version.";
  const name = `${version.dataset}/${version.number}`;
  const outputs = outputsPerImage(version.augmentation);
  if (offlineSteps(version.augmentation).length === 0) return `Nothing: version ${name} holds the images as they are.`;
  return `Version ${name} holds ${outputs === 1 ? "one variant" : `${outputs} variants`} of each train image, always the same.`;
}
