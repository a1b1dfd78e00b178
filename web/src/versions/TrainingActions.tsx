/** What can be done with a training of the queue: stop (keeps the weights), cancel (drops them), try again, trash. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useCanWork } from "../server/useCanWork";
import { Button } from "../ui/controls";
import shared from "../ui/shared.module.css";
import type { Training, TrainingAct } from "./trainings";
import { actOnTraining, trainingEnded } from "./trainings";

interface Props {
  workspace: string;
  training: Training;
  onChanged: (now: Training | undefined) => void;
  /** Also offer the trash. */
  canTrash?: boolean;
}

export function TrainingActions(props: Props) {
  return useCanWork(props.workspace) ? <Actions {...props} /> : null;
}

function Actions({ workspace, training, onChanged, canTrash = false }: Props) {
  const [isSure, setSure] = useState(false);
  const act = useMutation({
    mutationFn: (what: TrainingAct) => actOnTraining(workspace, training.id, what),
    onSuccess: (now) => {
      setSure(false);
      onChanged(now);
    },
  });
  const { state } = training;
  const ended = trainingEnded(state);
  const button = (what: TrainingAct, text: string, title: string, tone: "plain" | "primary" | "danger" | "quiet") => (
    <Button tone={tone} title={title} disabled={act.isPending} onClick={() => act.mutate(what)}>
      {text}
    </Button>
  );
  return (
    <span className={shared["buttons"]}>
      {(state === "starting" || state === "running" || state === "stalled") &&
        button("stop", "Stop", "Ends after the running epoch; the weights become a model.", "plain")}
      {state === "queued" && button("cancel", "Cancel", "Takes it out of the queue; no credit is taken.", "danger")}
      {!ended && state !== "queued" && !isSure && (
        <Button tone="danger" title="Ends now and drops the weights." onClick={() => setSure(true)}>
          Cancel
        </Button>
      )}
      {!ended && isSure && (
        <>
          {button("cancel", "Yes, drop its weights", "Ends now; nothing of it is kept.", "danger")}
          <Button onClick={() => setSure(false)}>Go on training</Button>
        </>
      )}
      {ended &&
        state !== "finished" &&
        button("retry", "Try again", "Queues it again; it goes on from its last checkpoint.", "primary")}
      {ended && canTrash && button("trash", "Trash", "Into the trash, with its model, for 30 days.", "quiet")}
      {act.error && (
        <span className={shared["failed"]} role="alert">
          {act.error.message}
        </span>
      )}
    </span>
  );
}
