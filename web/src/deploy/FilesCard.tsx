/** The files of a model, and further forms that are made when they are asked for. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Card } from "../ui/controls";
import { useCanWork } from "../server/useCanWork";
import { followTask } from "../projects/api";
import type { Task } from "../projects/api";
import { formatDuration } from "../ui/format";
import { Notice } from "../ui/Notice";
import { useNow } from "../ui/useNow";
import type { ExportFormat, Model } from "./api";
import { exportModel, modelUrl } from "./api";
import styles from "./Deploy.module.css";
import shared from "../ui/shared.module.css";

const MEANINGS: Record<string, string> = {
  "best.onnx": "ONNX, for every runtime",
  "best.pt": "Weights of Epochal, to train on",
  "best.torchscript": "TorchScript",
  "openvino.zip": "OpenVINO",
  "runtime.zip": "The net and 40 lines that run it",
};

const FORMS: { format: ExportFormat; file: string; needs: string; label: string }[] = [
  { format: "runtime", file: "runtime.zip", needs: "best.onnx", label: "Make a zip that runs by itself" },
  { format: "torchscript", file: "best.torchscript", needs: "best.pt", label: "Make TorchScript" },
  { format: "openvino", file: "openvino.zip", needs: "best.pt", label: "Make OpenVINO" },
];

export function FilesCard({ workspace, model }: { workspace: string; model: Model }) {
  const client = useQueryClient();
  const [state, setState] = useState<Task["state"]>("pending");
  const making = useMutation({
    mutationFn: async (format: ExportFormat) => {
      setState("pending");
      const task = await exportModel(workspace, model.slug, format);
      await followTask(workspace, task, (now) => setState(now.state));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["models", workspace] }),
  });
  const canWork = useCanWork(workspace);
  const open = FORMS.filter((one) => !model.files.includes(one.file) && model.files.includes(one.needs));
  return (
    <Card label="Downloads">
      <h2>Take it elsewhere</h2>
      <ul className={styles["files"]}>
        {model.files.map((name) => (
          <li key={name}>
            <a href={modelUrl(workspace, model.slug, `/files/${encodeURIComponent(name)}`)} download>
              {name}
            </a>
            <span className={shared["hint"]}>{MEANINGS[name] ?? ""}</span>
          </li>
        ))}
      </ul>
      {model.can_run && canWork && (
        <div className={styles["foundHead"]}>
          {open.map(({ format, label }) => (
            <Button key={format} disabled={making.isPending} onClick={() => making.mutate(format)}>
              {making.isPending && making.variables === format ? (
                <Making state={state} since={making.submittedAt} />
              ) : (
                label
              )}
            </Button>
          ))}
        </div>
      )}
      {making.error && <Notice tone="bad" title={making.error.message} />}
    </Card>
  );
}

function Making({ state, since }: { state: Task["state"]; since: number }) {
  const seconds = Math.max(0, Math.round((useNow() - since) / 1000));
  return (
    <>
      {state === "pending" ? "Waiting for its turn" : "Making it"}… {formatDuration(seconds)}
    </>
  );
}
