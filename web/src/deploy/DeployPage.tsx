/** The models of a project at work: try one, take its code and files, see what it did, keep images of it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectPath } from "../projects/paths";
import { ProjectFrame } from "../projects/ProjectFrame";
import { Card } from "../ui/controls";
import { useCanWork } from "../server/useCanWork";
import { Empty, Notice } from "../ui/Notice";
import type { Model } from "./api";
import { getModels, infer } from "./api";
import { CodeCard } from "./CodeCard";
import styles from "./Deploy.module.css";
import { FilesCard } from "./FilesCard";
import { MonitoringCard } from "./MonitoringCard";
import { projectPictures } from "./pictures";
import { RulesCard } from "./RulesCard";
import { TryModel } from "./TryModel";
import shared from "../ui/shared.module.css";

const [CONFIDENCE, OVERLAP] = [0.4, 0.5];

interface Props {
  workspace: string;
  project: string;
  /** The model to begin with; null: the newest that runs. */
  first: string | null;
}

export function DeployPage({ workspace, project, first }: Props) {
  const models = useQuery({ queryKey: ["models", workspace, project], queryFn: () => getModels(workspace, project) });
  const [chosen, setChosen] = useState(first);
  const canWork = useCanWork(workspace);
  const all = models.data ?? [];
  const model = all.find((one) => one.slug === chosen) ?? all.find((one) => one.can_run) ?? all[0];
  return (
    <ProjectFrame workspace={workspace} project={project} tab="deploy">
      {models.error && <Notice tone="bad" title={models.error.message} />}
      {models.isPending && <p className={shared["hint"]}>Looking for models…</p>}
      {models.data && !model && (
        <Card label="No models">
          <Empty title="There is no model yet">
            <p>
              <a href={`#${projectPath(workspace, project, "versions")}`}>Train a version</a>, or upload an ONNX file{" "}
              <a href="#/api">over the API</a>; it answers here a moment later.
            </p>
          </Empty>
        </Card>
      )}
      {model && (
        <>
          <ModelChoice models={all} model={model} onChoose={setChosen} />
          <ModelCards key={model.slug} workspace={workspace} project={project} model={model} />
        </>
      )}
      {canWork && <RulesCard workspace={workspace} project={project} />}
    </ProjectFrame>
  );
}

function ModelChoice(props: { models: Model[]; model: Model; onChoose: (slug: string) => void }) {
  const { models, model, onChoose } = props;
  return (
    <label className={styles["model"]}>
      <span>Model</span>
      <select value={model.slug} onChange={(event) => onChoose(event.target.value)}>
        {models.map((one) => (
          <option key={one.slug} value={one.slug}>
            {one.name === one.slug ? one.name : `${one.name} (${one.slug})`}
            {one.can_run ? "" : ", kept only"}
            {one.answers ? ", answers for its version" : ""}
          </option>
        ))}
      </select>
    </label>
  );
}

function ModelCards({ workspace, project, model }: { workspace: string; project: string; model: Model }) {
  const [confidence, setConfidence] = useState(model.metrics["confidence"] ?? CONFIDENCE);
  const [overlap, setOverlap] = useState(OVERLAP);
  const canWork = useCanWork(workspace);
  if (!model.can_run) {
    return (
      <>
        <Notice tone="warn" title="This model is kept, but cannot be run here">
          {model.message}
        </Notice>
        <FilesCard workspace={workspace} model={model} />
      </>
    );
  }
  return (
    <>
      {canWork ? (
        <TryModel
          name={`${workspace}/${model.slug}`}
          ask={(base64, least) => infer(workspace, model.slug, base64, least)}
          dataset={projectPictures(workspace, project)}
          confidence={confidence}
          overlap={overlap}
          onConfidence={setConfidence}
          onOverlap={setOverlap}
        />
      ) : (
        <Notice tone="info" title="Members and owners of this workspace may try its models">
          You are a viewer; an owner can give you another role.
        </Notice>
      )}
      <CodeCard workspace={workspace} model={model.slug} confidence={confidence} overlap={overlap} />
      <FilesCard workspace={workspace} model={model} />
      <MonitoringCard workspace={workspace} model={model.slug} />
    </>
  );
}
