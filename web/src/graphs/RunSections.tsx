/** Everything that a run's document shows, below its name: the same in the report and in the app. */
import { memo } from "react";
import { EvaluationSection } from "../evaluation/EvaluationSection";
import { Card } from "../ui/controls";
import { Definitions } from "./Definitions";
import type { GraphDocument } from "./document";
import { NextSteps } from "./NextSteps";
import { Findings, Verdict } from "./Reading";
import { Recipe } from "./Recipe";
import styles from "./RunSections.module.css";
import { Summary } from "./Summary";
import { TrainingGraph } from "./TrainingGraph";
import type { View } from "./view";

// Moving the graph must not draw the parts below again.
const Evaluation = memo(EvaluationSection);

interface RunSectionsProps {
  doc: GraphDocument;
  isLive: boolean;
  view: View;
  onView: (change: Partial<View>) => void;
}

export function RunSections({ doc, isLive, view, onView }: RunSectionsProps) {
  return (
    <>
      <Card label="Reading">
        <div className={styles["stack"]}>
          <Verdict verdict={doc.verdict} isLive={isLive} />
          <Summary doc={doc} isLive={isLive} />
          <Findings doc={doc} />
        </div>
      </Card>
      <Card label="Training graph">
        <TrainingGraph doc={doc} isLive={isLive} view={view} onView={onView} />
      </Card>
      {doc.evaluation && (
        <Evaluation final={doc.evaluation} onVal={doc.evaluation_val} chosen={view.evaluation} onView={onView} />
      )}
      {!isLive && <NextSteps doc={doc} />}
      <Recipe doc={doc} />
      <Definitions doc={doc} />
    </>
  );
}
