/** How a new version is made: split, preprocessing, augmentation, with a preview of them on an image of the project. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectPath } from "../projects/paths";
import { ProjectFrame } from "../projects/ProjectFrame";
import { Button, Card } from "../ui/controls";
import { Form } from "../ui/Form";
import { Notice } from "../ui/Notice";
import type { SettingsTable, Steps, Version, VersionSettings } from "./api";
import { getSettingsTable, getVersions, makeVersion } from "./api";
import { Preview } from "./Preview";
import { SplitFields } from "./SplitFields";
import { StepFields } from "./StepFields";
import { orderSteps, settingsToSend, varies, without } from "./steps";
import styles from "./Versions.module.css";
import shared from "../ui/shared.module.css";

const START: VersionSettings = {
  preprocessing: { "auto-orient": true, resize: { width: 640, height: 640, format: "Fit (black edges) in" } },
  augmentation: {},
  split: { method: "keep" },
  seed: 0,
};
const OUTPUTS = [1, 2, 3, 4, 5, 10, 20, 50];

interface Props {
  workspace: string;
  project: string;
  onMade: (path: string) => void;
}

export function NewVersionPage({ workspace, project, onMade }: Props) {
  const table = useQuery({ queryKey: ["version-settings"], queryFn: getSettingsTable, staleTime: Infinity });
  const versions = useQuery({
    queryKey: ["versions", workspace, project],
    queryFn: () => getVersions(workspace, project),
  });
  return (
    <ProjectFrame workspace={workspace} project={project} tab="versions">
      {table.error && <Notice tone="bad" title={table.error.message} />}
      {table.data && (
        <VersionForm
          table={table.data}
          classNames={versions.data?.[0]?.classes ?? []}
          workspace={workspace}
          project={project}
          onMade={(version) => onMade(projectPath(workspace, project, "versions", version.number))}
        />
      )}
    </ProjectFrame>
  );
}

interface VersionFormProps {
  table: SettingsTable;
  classNames: string[];
  workspace: string;
  project: string;
  onMade: (version: Version) => void;
}

function VersionForm({ table, classNames, workspace, project, onMade }: VersionFormProps) {
  const [settings, setSettings] = useState(START);
  const [outputs, setOutputs] = useState(3);
  const [name, setName] = useState("");
  const wanted = settingsToSend(settings, outputs);
  const make = useMutation({ mutationFn: () => makeVersion(workspace, project, name, wanted), onSuccess: onMade });
  const setSteps = (section: "preprocessing" | "augmentation", key: string, value: unknown): void => {
    const others = without(settings[section], key);
    setSettings({ ...settings, [section]: value === undefined ? others : { ...others, [key]: value } });
  };
  return (
    <Form className={styles["form"]} onSubmit={() => make.mutate()}>
      <div className={styles["sections"]}>
        <Card label="Split">
          <SplitFields value={settings.split} onChange={(split: Steps) => setSettings({ ...settings, split })} />
        </Card>
        {(["preprocessing", "augmentation"] as const).map((section) => (
          <Card key={section} label={section}>
            <div className={shared["section"]}>
              <h2>{section === "preprocessing" ? "Preprocessing" : "Augmentation"}</h2>
              <p className={shared["hint"]}>
                {section === "preprocessing"
                  ? "Done to every image, of all splits."
                  : "Varies images of train alone, once, when the version is made. Our trainer varies them again in every epoch: begin without."}
              </p>
              {orderSteps(table, section).map(([key, kind]) => (
                <StepFields
                  key={key}
                  name={key}
                  kind={kind}
                  value={settings[section][key]}
                  onChange={(value) => setSteps(section, key, value)}
                  classNames={classNames}
                />
              ))}
            </div>
          </Card>
        ))}
      </div>
      <div className={styles["side"]}>
        <Preview workspace={workspace} project={project} settings={wanted} />
        <Card label="Make the version">
          <div className={shared["section"]}>
            {varies(settings.augmentation) && (
              <label className={shared["hint"]}>
                Outputs for each image of train{" "}
                <select
                  className={shared["input"]}
                  value={outputs}
                  onChange={(event) => setOutputs(Number(event.target.value))}
                >
                  {OUTPUTS.map((count) => (
                    <option key={count}>{count}</option>
                  ))}
                </select>
              </label>
            )}
            <label className={shared["hint"]}>
              Name{" "}
              <input
                className={shared["input"]}
                value={name}
                maxLength={200}
                placeholder="today’s date"
                onChange={(event) => setName(event.target.value)}
              />
            </label>
            {make.error && <Notice tone="bad" title={make.error.message} />}
            <div className={shared["buttons"]}>
              <Button type="submit" tone="primary" disabled={make.isPending}>
                Make the version
              </Button>
            </div>
          </div>
        </Card>
      </div>
    </Form>
  );
}
