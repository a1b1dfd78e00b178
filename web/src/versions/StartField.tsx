/** Which weights a training starts from: all of this workspace and server that are of our own kind. */
import { useQuery } from "@tanstack/react-query";
import type { Model } from "../deploy/api";
import { getModels } from "../deploy/api";
import { formatFraction } from "../ui/format";
import shared from "../ui/shared.module.css";
import type { Training } from "./trainings";
import { getAllTrainings } from "./trainings";

interface StartProps {
  workspace: string;
  checkpoints: string[];
  value: string;
  onChange: (value: string) => void;
}

export function StartField({ workspace, checkpoints, value, onChange }: StartProps) {
  const trainings = useQuery({ queryKey: ["trainings", workspace], queryFn: () => getAllTrainings(workspace) });
  const models = useQuery({ queryKey: ["models", workspace], queryFn: () => getModels(workspace) });
  const done = trainings.data?.filter((one) => one.model !== null) ?? [];
  return (
    <label>
      Start from
      <select className={shared["input"]} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">nothing: random weights</option>
        {checkpoints.length > 0 && (
          <optgroup label="Weights files of this server">
            {checkpoints.map((name) => (
              <option key={name} value={`checkpoint:${name}`}>
                {name}
              </option>
            ))}
          </optgroup>
        )}
        {done.length > 0 && (
          <optgroup label="Earlier trainings">
            {done.map((one) => (
              <option key={one.id} value={`training:${one.id}`}>
                {one.name}, mAP {formatFraction(one.best?.value)}
              </option>
            ))}
          </optgroup>
        )}
        <UploadedWeights models={models.data ?? []} trainings={done} />
      </select>
    </label>
  );
}

function UploadedWeights({ models, trainings }: { models: Model[]; trainings: Training[] }) {
  const ofTrainings = new Set(trainings.map((one) => one.model?.id));
  const uploaded = models.filter((one) => one.files.includes("best.pt") && !ofTrainings.has(one.id));
  if (uploaded.length === 0) return null;
  return (
    <optgroup label="Uploaded weights">
      {uploaded.map((one) => (
        <option key={one.id} value={`model:${one.id}`}>
          {one.name}
        </option>
      ))}
    </optgroup>
  );
}
