/** Which model proposes boxes, on which images, how sure it must be, and what its classes become. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Model } from "../deploy/api";
import type { Batch, Project } from "../projects/api";
import { Button, Card } from "../ui/controls";
import { PercentField, SelectField } from "../ui/fields";
import { Form } from "../ui/Form";
import { formatCount } from "../ui/format";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { StackingTable } from "../ui/StackingTable";
import { startAssist } from "./api";
import type { ClassChoice } from "./choice";
import { firstChoices, firstPercent, KEEPS, LEAVES_OUT, requestOf, targetOf } from "./choice";

interface Props {
  workspace: string;
  project: Project;
  /** At least one. */
  models: [Model, ...Model[]];
  batches: Batch[];
  onStarted: () => void;
}

export function AssistForm({ workspace, project, models, batches, onStarted }: Props) {
  const [slug, setSlug] = useState("");
  const [batch, setBatch] = useState("");
  const model = models.find((one) => one.slug === slug) ?? models[0];
  const [given, setPercent] = useState<string | null>(null);
  const percent = given ?? firstPercent(model.metrics["confidence"]);
  const [overlap, setOverlap] = useState("50");
  const [chosen, setChosen] = useState<{ of: string; choices: Record<string, ClassChoice> } | null>(null);
  const choices = chosen?.of === model.slug ? chosen.choices : firstChoices(model.classes);
  const start = useMutation({
    mutationFn: () =>
      startAssist(workspace, project.slug, {
        model: model.slug,
        batch: batch || null,
        confidence: Number(percent) / 100,
        overlap: Number(overlap) / 100,
        ...requestOf(choices),
      }),
    onSuccess: onStarted,
  });
  const waiting = batch ? (batches.find((one) => one.id === batch)?.unannotated ?? 0) : project.unannotated;
  return (
    <Card label="Label assist">
      <Form onSubmit={() => start.mutate()}>
        <h2>Let a model propose boxes</h2>
        <p className={shared["hint"]}>
          It looks at images that nobody has labelled, and leaves drafts there. Nothing counts as a label until a person
          takes it; labels that are there are never touched.
        </p>
        <div className={shared["fields"]}>
          <SelectField
            label="Model"
            value={model.slug}
            options={models.map((one) => [one.slug, one.name])}
            onChange={setSlug}
          />
          <SelectField
            label="Images"
            value={batch}
            options={[
              ["", `all that are not labelled (${formatCount(project.unannotated)})`],
              ...batches.map(
                (one) =>
                  [one.id, `${one.name} (${formatCount(one.unannotated)} of ${formatCount(one.images)})`] as const,
              ),
            ]}
            onChange={setBatch}
          />
          <PercentField label="Confidence at least, %" value={percent} onChange={setPercent} />
          <PercentField label="Overlap, %" value={overlap} onChange={setOverlap} />
        </div>
        <Classes
          choices={choices}
          project={project}
          percent={percent}
          onChange={(changed) => setChosen({ of: model.slug, choices: changed })}
        />
        {start.error && <Notice tone="bad" title={start.error.message} />}
        <div className={shared["buttons"]}>
          <Button type="submit" tone="primary" disabled={start.isPending || waiting === 0}>
            Propose boxes on {formatCount(waiting)} images
          </Button>
          {waiting === 0 && <span className={shared["hint"]}>All of them are labelled already.</span>}
        </div>
      </Form>
    </Card>
  );
}

interface ClassesProps {
  choices: Record<string, ClassChoice>;
  project: Project;
  percent: string;
  onChange: (choices: Record<string, ClassChoice>) => void;
}

function Classes({ choices, project, percent, onChange }: ClassesProps) {
  const set = (name: string, change: Partial<ClassChoice>): void => {
    const before = choices[name];
    if (before) onChange({ ...choices, [name]: { ...before, ...change } });
  };
  const known = new Set(project.classes.map((one) => one.name));
  return (
    <StackingTable
      caption="What becomes of each class of the model"
      columns={["Class of the model", "Becomes", "Confidence at least, %"]}
      rows={Object.entries(choices).map(([name, { percent: own, target }]) => ({
        key: name,
        cells: [
          name,
          <select
            key="becomes"
            className={shared["input"]}
            aria-label={`What ${name} becomes`}
            value={target}
            onChange={(event) => set(name, { target: event.target.value })}
          >
            <option value={KEEPS}>
              {name}
              {known.has(name) ? "" : " (a new class)"}
            </option>
            <option value={LEAVES_OUT}>nothing: leave it out</option>
            {[...known]
              .filter((one) => one !== name)
              .map((one) => (
                <option key={one} value={targetOf(one)}>
                  {one}
                </option>
              ))}
          </select>,
          <input
            key="least"
            className={shared["input"]}
            aria-label={`Least confidence of ${name}, %`}
            type="number"
            min={0}
            max={100}
            step="any"
            placeholder={percent}
            disabled={target === LEAVES_OUT}
            value={own}
            onChange={(event) => set(name, { percent: event.target.value })}
          />,
        ],
      }))}
    />
  );
}
