/** Stop and resume. A stop is asked for; the badge changes when the training has done it. */
import { useMutation } from "@tanstack/react-query";
import type { RunSummary } from "../server/api";
import { resumeRun, stopRun } from "../server/api";
import { canResume, canStop } from "../server/states";
import { Button } from "../ui/controls";
import styles from "./RunActions.module.css";

interface RunActionsProps {
  summary: RunSummary;
  onAnswer: (summary: RunSummary) => void;
  /** The run began anew: its graph has to be asked for again. */
  onDone: () => void;
}

export function RunActions({ summary, onAnswer, onDone }: RunActionsProps) {
  const stop = useMutation({ mutationFn: (when: "epoch" | "now") => stopRun(summary.id, when), onSuccess: onAnswer });
  const resume = useMutation({
    mutationFn: () => resumeRun(summary.id),
    onSuccess: (answer) => {
      stop.reset();
      onAnswer(answer);
      onDone();
    },
  });
  const isStopping = stop.isSuccess && canStop(summary.state);
  const error = stop.error ?? resume.error;
  return (
    <div className={styles["actions"]}>
      {isStopping && (
        <span role="status">{stop.variables === "epoch" ? "Stops when this epoch is done…" : "Stopping…"}</span>
      )}
      {canStop(summary.state) && (
        <>
          <Button disabled={stop.isPending || isStopping} onClick={() => stop.mutate("epoch")}>
            Stop after this epoch
          </Button>
          <Button
            tone="danger"
            disabled={stop.isPending || (isStopping && stop.variables === "now")}
            title="The running epoch is lost; the run can be resumed."
            onClick={() => stop.mutate("now")}
          >
            Stop now
          </Button>
        </>
      )}
      {canResume(summary.state) && (
        <Button tone="primary" disabled={resume.isPending} onClick={() => resume.mutate()}>
          {resume.isPending ? "Resuming…" : "Resume"}
        </Button>
      )}
      {error && (
        <p className={styles["error"]} role="alert">
          {error.message}
        </p>
      )}
    </div>
  );
}
