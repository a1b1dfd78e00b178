/** What all pages of a project have in common: its name and its tabs. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { getProject } from "./api";
import { useCanWork } from "../server/useCanWork";
import { projectPath } from "./paths";
import shared from "../ui/shared.module.css";
import { Tabs } from "../ui/Tabs";
import styles from "../ui/tabs.module.css";

const TABS = [
  { key: "images", title: "Images" },
  { key: "assist", title: "Label assist", isForWorkers: true },
  { key: "health", title: "Health" },
  { key: "versions", title: "Versions" },
  { key: "deploy", title: "Deploy" },
  { key: "settings", title: "Settings", isForWorkers: true },
] as const;

type ProjectTab = (typeof TABS)[number]["key"];

interface Props {
  workspace: string;
  project: string;
  tab: ProjectTab;
  /** Buttons at the right of the heading. */
  actions?: ReactNode;
  children: ReactNode;
}

export function ProjectFrame({ workspace, project, tab, actions, children }: Props) {
  const canWork = useCanWork(workspace);
  const about = useQuery({
    queryKey: ["project", workspace, project],
    queryFn: () => getProject(workspace, project),
    staleTime: 60_000,
  });
  return (
    <>
      <div className={shared["head"]}>
        <div>
          <a className={styles["back"]} href={`#/w/${encodeURIComponent(workspace)}/projects`}>
            ← All projects
          </a>
          <h1>{about.data?.name ?? project}</h1>
        </div>
        {actions}
      </div>
      <Tabs
        label="Project"
        tabs={TABS.filter((one) => canWork || !("isForWorkers" in one)).map(({ key, title }) => ({
          key,
          title,
          href: `#${projectPath(workspace, project, key)}`,
        }))}
        current={tab}
      />
      {children}
    </>
  );
}
