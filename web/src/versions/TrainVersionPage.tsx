/** Put a training of a version into the queue, and go to its run. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectPath } from "../projects/paths";
import { ProjectFrame } from "../projects/ProjectFrame";
import { Button, Card } from "../ui/controls";
import { formatFraction } from "../ui/format";
import { Notice } from "../ui/Notice";
import type { Training, TrainingOrder } from "./trainings";
import { getTrainings, startTraining } from "./trainings";
import shared from "../ui/shared.module.css";

const MODELS = [
  ["fast-n", "fast-n: the smallest and quickest, made for CPUs"],
  ["fast-s", "fast-s: some three times the work"],
  ["fast-m", "fast-m: the largest; wants a GPU or patience"],
] as const;
const RENEW_MS = 3000;

interface Props {
  workspace: string;
  project: string;
  number: number;
  onStarted: (path: string) => void;
}

export function TrainVersionPage({ workspace, project, number, onStarted }: Props) {
  const trainings = useQuery({
    queryKey: ["trainings", workspace, project, number],
    queryFn: () => getTrainings(workspace, project, number),
    refetchInterval: RENEW_MS,
  });
  const start = useMutation({
    mutationFn: (order: TrainingOrder) => startTraining(workspace, project, number, order),
    onSuccess: () => void trainings.refetch(),
  });
  return (
    <ProjectFrame workspace={workspace} project={project} tab="versions">
      <p>
        <a href={`#${projectPath(workspace, project, "versions", number)}`}>← Version {number}</a>
      </p>
      <OrderForm earlier={trainings.data ?? []} onOrder={(order) => start.mutate(order)} isBusy={start.isPending} />
      {start.error && <Notice tone="bad" title={start.error.message} />}
      {trainings.error && <Notice tone="bad" title={trainings.error.message} />}
      {trainings.data && trainings.data.length > 0 && (
        <Card label="Trainings of this version">
          <div className={shared["section"]}>
            <h2>Trainings of this version</h2>
            <table className={shared["table"]}>
              <thead>
                <tr>
                  <th scope="col">Training</th>
                  <th scope="col">State</th>
                  <th scope="col">Epoch</th>
                  <th scope="col">Best mAP_0.5:0.95</th>
                </tr>
              </thead>
              <tbody>
                {trainings.data.map((training) => (
                  <Row key={training.id} training={training} onOpen={onStarted} />
                ))}
              </tbody>
            </table>
          </div>
        </Card>
      )}
    </ProjectFrame>
  );
}

function Row({ training, onOpen }: { training: Training; onOpen: (path: string) => void }) {
  const path = `/runs/${encodeURIComponent(training.id)}`;
  const hasRun = training.state !== "queued";
  return (
    <tr>
      <td>
        {hasRun ? (
          <a
            href={`#${path}`}
            onClick={(event) => {
              event.preventDefault();
              onOpen(path);
            }}
          >
            {training.name}
          </a>
        ) : (
          training.name
        )}
        {training.message && <div className={shared["hint"]}>{training.message}</div>}
      </td>
      <td>{training.state}</td>
      <td>
        {training.epoch}
        {training.epochs === null ? "" : ` of ${training.epochs}`}
      </td>
      <td>{formatFraction(training.best?.value)}</td>
    </tr>
  );
}

interface OrderProps {
  earlier: Training[];
  onOrder: (order: TrainingOrder) => void;
  isBusy: boolean;
}

function OrderForm({ earlier, onOrder, isBusy }: OrderProps) {
  const [model, setModel] = useState("fast-n");
  const [epochs, setEpochs] = useState("");
  const [size, setSize] = useState("");
  const [from, setFrom] = useState("");
  const number = (text: string): number | null => (text.trim() === "" ? null : Number(text));
  const done = earlier.filter((one) => one.model !== null);
  return (
    <Card label="New training">
      <form
        className={shared["section"]}
        onSubmit={(event) => {
          event.preventDefault();
          onOrder({
            model_type: model,
            epochs: number(epochs),
            image_size: number(size),
            start: from ? { kind: "training", id: from } : { kind: "random" },
          });
        }}
      >
        <h2>New training</h2>
        <div className={shared["fields"]}>
          <label>
            Model
            <select className={shared["input"]} value={model} onChange={(event) => setModel(event.target.value)}>
              {MODELS.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
          <label>
            Epochs
            <input
              className={shared["input"]}
              type="number"
              min={1}
              max={10000}
              placeholder="derived"
              value={epochs}
              onChange={(event) => setEpochs(event.target.value)}
            />
          </label>
          <label>
            Image size (pixels)
            <input
              className={shared["input"]}
              type="number"
              min={64}
              max={2048}
              placeholder="derived"
              value={size}
              onChange={(event) => setSize(event.target.value)}
            />
          </label>
          <label>
            Start from
            <select className={shared["input"]} value={from} onChange={(event) => setFrom(event.target.value)}>
              <option value="">nothing (random)</option>
              {done.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}, {formatFraction(one.best?.value)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <p className={shared["hint"]}>
          What is left empty is derived from the data; the run says what and why. A training takes one credit when it
          starts, and gives it back when it fails before its first epoch.
        </p>
        <div className={shared["buttons"]}>
          <Button type="submit" tone="primary" disabled={isBusy}>
            Start training
          </Button>
        </div>
      </form>
    </Card>
  );
}
