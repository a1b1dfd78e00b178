/** The page of a project that an address names. */
import { DeployPage } from "../deploy/DeployPage";
import { Card } from "../ui/controls";
import { Empty } from "../ui/Notice";
import { NewVersionPage } from "../versions/NewVersionPage";
import { VersionPage } from "../versions/VersionPage";
import { VersionsPage } from "../versions/VersionsPage";
import type { ProjectAddress } from "./paths";

export function ProjectPages({ address, onGo }: { address: ProjectAddress; onGo: (path: string) => void }) {
  const { workspace, project, rest } = address;
  const [section, word] = rest;
  if (section === "deploy" && rest.length === 1) return <DeployPage workspace={workspace} project={project} />;
  if (section === "versions" && rest.length === 1) return <VersionsPage workspace={workspace} project={project} />;
  if (section === "versions" && word === "new") {
    return <NewVersionPage workspace={workspace} project={project} onMade={onGo} />;
  }
  if (section === "versions" && /^[1-9]\d*$/.test(word ?? "")) {
    return <VersionPage key={word} workspace={workspace} project={project} number={Number(word)} onGone={onGo} />;
  }
  return (
    <Card label="Unknown address">
      <Empty title="There is nothing at this address" />
    </Card>
  );
}
