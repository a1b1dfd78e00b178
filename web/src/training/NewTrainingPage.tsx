/** Starts a training: a dataset and little else; what is left open is derived from the data and shown with its reason. */
import { useMutation, useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useState } from "react";
import type { DatasetEntry, TrainingForm } from "../server/api";
import { getDatasets, startTraining } from "../server/api";
import { Button, Card } from "../ui/controls";
import { Empty, Notice } from "../ui/Notice";
import { Field } from "./Field";
import { readForm } from "./form";
import styles from "./NewTrainingPage.module.css";

const MODELS = [
  { value: "fast-n", text: "fast-n: the smallest and quickest, made for CPUs" },
  { value: "fast-s", text: "fast-s: some three times the work of fast-n" },
  { value: "fast-m", text: "fast-m: the largest; wants a GPU or patience" },
];

interface Props {
  /** Whose projects are offered instead of a folder. */
  workspace: string | undefined;
  onStarted: (id: string) => void;
}

export function NewTrainingPage({ workspace, onStarted }: Props) {
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: getDatasets });
  return (
    <>
      <a className={styles["back"]} href="#/">
        ← All runs
      </a>
      <h1>New training</h1>
      {datasets.isPending && <p>Looking for datasets…</p>}
      {datasets.error && (
        <Notice
          tone="bad"
          title="The datasets cannot be listed"
          actions={<Button onClick={() => void datasets.refetch()}>Try again</Button>}
        >
          {datasets.error.message}
        </Notice>
      )}
      {datasets.data?.length === 0 && <NoDatasets workspace={workspace} onLook={() => void datasets.refetch()} />}
      {datasets.data && datasets.data.length > 0 && <Form datasets={datasets.data} onStarted={onStarted} />}
    </>
  );
}

function NoDatasets({ workspace, onLook }: { workspace: string | undefined; onLook: () => void }) {
  return (
    <Card label="No datasets">
      <Empty title="There is no folder to train on">
        {workspace !== undefined && (
          <p>
            Images in <a href={`#/w/${encodeURIComponent(workspace)}/projects`}>a project</a> are trained on from one of
            its versions.
          </p>
        )}
        <p>
          Or put a folder of images with their annotations (Pascal VOC, COCO, YOLO or CSV) into the folder{" "}
          <code>datasets</code> of this server’s data folder, which <code>--data-dir</code> names (
          <code>./epochal-data</code> unless you chose another).
        </p>
        <Button onClick={onLook}>Look again</Button>
      </Empty>
    </Card>
  );
}

function Form({ datasets, onStarted }: { datasets: DatasetEntry[]; onStarted: (id: string) => void }) {
  const start = useMutation({
    mutationFn: (form: TrainingForm) => startTraining(form),
    onSuccess: (summary) => onStarted(summary.id),
  });
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const read = readForm(new FormData(event.currentTarget));
    setProblem(typeof read === "string" ? read : null);
    if (typeof read !== "string") start.mutate(read);
  };
  const error = problem ?? start.error?.message;
  return (
    <Card label="Settings">
      <form className={styles["form"]} onSubmit={submit} noValidate>
        <Field name="dataset" label="Dataset" hint="Folders below datasets in the data folder.">
          <select id="dataset" name="dataset">
            {datasets.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Field>
        <Field name="model" label="Model" hint="Begin with the smallest; a larger one pays when the data is good.">
          <select id="model" name="model">
            {MODELS.map(({ value, text }) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </Field>
        <div className={styles["three"]}>
          <Field name="epochs" label="Epochs" hint="Empty: from the size of the dataset.">
            <input id="epochs" name="epochs" inputMode="numeric" placeholder="automatic" />
          </Field>
          <Field name="image_size" label="Image size" hint="Longer side in pixels. Empty: from the size of the boxes.">
            <input id="image_size" name="image_size" inputMode="numeric" placeholder="automatic" />
          </Field>
          <Field name="seed" label="Seed" hint="The same seed gives the same training.">
            <input id="seed" name="seed" inputMode="numeric" defaultValue="0" />
          </Field>
        </div>
        {error && <Notice tone="bad" title={error} />}
        <div>
          <Button type="submit" tone="primary" disabled={start.isPending}>
            {start.isPending ? "Starting…" : "Start the training"}
          </Button>
        </div>
      </form>
    </Card>
  );
}
