/** A page on which things are changed; a viewer is told why it is not theirs. */
import type { ReactNode } from "react";
import { useCanWork } from "../server/useCanWork";
import { Notice } from "../ui/Notice";
import { projectPath } from "./paths";

export function WorkersOnly(props: { workspace: string; project: string; children: ReactNode }) {
  const { workspace, project, children } = props;
  if (useCanWork(workspace)) return <>{children}</>;
  return (
    <Notice
      tone="info"
      title="You are a viewer of this workspace"
      actions={<a href={`#${projectPath(workspace, project, "images")}`}>Images of the project</a>}
    >
      Here things are changed, which members and owners may do. An owner of the workspace can give you another role.
    </Notice>
  );
}
