/** Which of several models of a version answers for it, and how another one is chosen. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "../ui/controls";
import shared from "../ui/shared.module.css";
import { chooseModel } from "../deploy/api";
import type { TrainedModel, Training } from "./trainings";
import { answeringText } from "./trainings";

interface Props {
  workspace: string;
  training: Training;
  model: TrainedModel;
}

export function Answering({ workspace, training, model }: Props) {
  const queries = useQueryClient();
  const choose = useMutation({
    mutationFn: (isChosen: boolean) => chooseModel(workspace, model.slug, isChosen),
    onSuccess: () => {
      for (const key of ["trainings", "models"]) void queries.invalidateQueries({ queryKey: [key, workspace] });
    },
  });
  return (
    <p className={shared["hint"]} data-testid="answering">
      {answeringText(training, model)}{" "}
      {model.can_run && !model.answers && (
        <Button tone="quiet" disabled={choose.isPending} onClick={() => choose.mutate(true)}>
          Deploy this one
        </Button>
      )}
      {model.is_chosen && (
        <Button tone="quiet" disabled={choose.isPending} onClick={() => choose.mutate(false)}>
          Let the newest answer
        </Button>
      )}
      {choose.error && <span className={shared["failed"]}>{choose.error.message}</span>}
    </p>
  );
}
