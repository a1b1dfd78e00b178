/** The page of a project that an address names. */
import { AnnotatePage } from "../annotate/AnnotatePage";
import { DeployPage } from "../deploy/DeployPage";
import { AssistPage } from "../labeling/AssistPage";
import { Card } from "../ui/controls";
import { Empty } from "../ui/Notice";
import { NewVersionPage } from "../versions/NewVersionPage";
import { TrainVersionPage } from "../versions/TrainVersionPage";
import { VersionPage } from "../versions/VersionPage";
import { VersionsPage } from "../versions/VersionsPage";
import { HealthPage } from "./health/HealthPage";
import { ImagesPage } from "./ImagesPage";
import type { ProjectAddress } from "./paths";
import { projectPath } from "./paths";
import { SettingsPage } from "./SettingsPage";
import { WorkersOnly } from "./WorkersOnly";

interface Props {
  address: ProjectAddress;
  onGo: (path: string) => void;
}

export function ProjectPages({ address, onGo }: Props) {
  const { workspace, project, rest } = address;
  const page = <Page address={address} onGo={onGo} />;
  if (!changesThings(rest)) return page;
  return (
    <WorkersOnly workspace={workspace} project={project}>
      {page}
    </WorkersOnly>
  );
}

function changesThings([section = "images", word, more]: string[]): boolean {
  if (section === "versions") return word === "new" || more === "train";
  return section === "annotate" || section === "assist" || section === "settings";
}

function Page({ address, onGo }: Props) {
  const { workspace, project, rest } = address;
  const [section = "images", ...words] = rest;
  if (section === "annotate" && words[0] !== undefined && words.length <= 2) {
    const [image, filters = ""] = words;
    return <AnnotatePage workspace={workspace} project={project} image={image} filters={filters} onGo={onGo} />;
  }
  if (section === "versions") return <VersionPages address={address} words={words} onGo={onGo} />;
  if (section === "deploy" && words.length <= 1) {
    return <DeployPage key={words[0]} workspace={workspace} project={project} first={words[0] ?? null} />;
  }
  if (words.length > 0) return <Unknown address={address} />;
  if (section === "images") return <ImagesPage key={project} workspace={workspace} project={project} />;
  if (section === "assist") return <AssistPage workspace={workspace} project={project} />;
  if (section === "settings") return <SettingsPage workspace={workspace} project={project} onGone={onGo} />;
  if (section === "health") return <HealthPage workspace={workspace} project={project} />;
  return <Unknown address={address} />;
}

function VersionPages({ address, words, onGo }: Props & { words: string[] }) {
  const { workspace, project } = address;
  const [word, more] = words;
  if (word === undefined) return <VersionsPage workspace={workspace} project={project} />;
  if (word === "new") return <NewVersionPage workspace={workspace} project={project} onMade={onGo} />;
  if (!/^[1-9]\d*$/.test(word)) return <Unknown address={address} />;
  const number = Number(word);
  if (more === "train") {
    return <TrainVersionPage workspace={workspace} project={project} number={number} />;
  }
  return <VersionPage key={word} workspace={workspace} project={project} number={number} onGone={onGo} />;
}

function Unknown({ address: { workspace, project } }: { address: ProjectAddress }) {
  return (
    <Card label="Unknown address">
      <Empty title="There is nothing at this address">
        <p>
          <a href={`#${projectPath(workspace, project, "images")}`}>Images of the project</a>
        </p>
      </Empty>
    </Card>
  );
}
