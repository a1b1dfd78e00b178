/** One public project, to look at: its images with boxes, its training graph, its model to try, and a clone of it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RunSections } from "../graphs/RunSections";
import type { View } from "../graphs/view";
import type { Me } from "../server/people";
import cards from "../ui/cards.module.css";
import { Card, Tile, Tiles, Toggle } from "../ui/controls";
import { formatCount, formatFraction } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { Tabs } from "../ui/Tabs";
import tabs from "../ui/tabs.module.css";
import type { PublicPage as Page } from "./api";
import { getPublic, getPublicGraph, setFeatured } from "./api";
import { CloneCard } from "./CloneCard";
import type { PublicAddress, PublicTab } from "./paths";
import { publicPath, UNIVERSE } from "./paths";
import { PublicImages } from "./PublicImages";
import { PublicModels } from "./PublicModels";
import { PublicVersions } from "./PublicVersions";

const TABS: { tab: PublicTab; title: string }[] = [
  { tab: "images", title: "Images" },
  { tab: "versions", title: "Versions" },
  { tab: "graph", title: "Training graph" },
  { tab: "model", title: "Try a model" },
  { tab: "clone", title: "Clone" },
];

interface Props {
  address: PublicAddress;
  me: Me | undefined;
  view: View;
  onView: (change: Partial<View>) => void;
}

export function PublicPage({ address, me, view, onView }: Props) {
  const { owner, project, tab, model } = address;
  const page = useQuery({ queryKey: ["public", owner, project], queryFn: () => getPublic(owner, project) });
  return (
    <>
      <a className={tabs["back"]} href={`#${UNIVERSE}`}>
        ← Universe
      </a>
      {page.error && <Notice tone="bad" title={page.error.message} />}
      {page.isPending && <p className={shared["hint"]}>Opening {project}…</p>}
      {page.data && (
        <>
          <Head page={page.data} me={me} />
          <Tabs
            label="Public project"
            tabs={TABS.map((one) => ({
              key: one.tab,
              title: one.title,
              href: `#${publicPath(owner, project, one.tab)}`,
            }))}
            current={tab}
          />
          {tab === "images" && <PublicImages owner={owner} project={project} />}
          {tab === "versions" && <PublicVersions page={page.data} />}
          {tab === "graph" && <Graph key={model} page={page.data} model={model} view={view} onView={onView} />}
          {tab === "model" && <PublicModels page={page.data} />}
          {tab === "clone" && <CloneCard page={page.data} me={me} />}
        </>
      )}
    </>
  );
}

function Head({ page, me }: { page: Page; me: Me | undefined }) {
  const { project, owner_name, owner } = page;
  const client = useQueryClient();
  const feature = useMutation({
    mutationFn: (on: boolean) => setFeatured(owner, project.slug, on),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["public", owner, project.slug] });
      void client.invalidateQueries({ queryKey: ["universe"] });
    },
  });
  const best = page.models[0];
  return (
    <>
      <div className={shared["head"]}>
        <div>
          <h1>{project.name}</h1>
          <p className={shared["hint"]}>
            by {owner_name} · {project.annotation_group}
            {project.cloned_from &&
              ` · cloned from ${project.cloned_from.workspace}/${project.cloned_from.project} (${project.cloned_from.license})`}
          </p>
        </div>
        {me?.user?.is_server_owner && (
          <Toggle on={project.is_featured} onChange={(on) => feature.mutate(on)}>
            {project.is_featured ? "Featured" : "Feature it"}
          </Toggle>
        )}
      </div>
      {feature.error && <Notice tone="bad" title={feature.error.message} />}
      <Card label="About">
        <div className={shared["section"]}>
          {project.description && <p>{project.description}</p>}
          <Tiles>
            <Tile name="Images" value={formatCount(project.in_dataset)} note={splitText(project.splits)} />
            <Tile name="Classes" value={formatCount(project.classes.length)} />
            <Tile name="Licence" value={project.license || "none said"} />
            <Tile
              name="Newest model"
              value={best ? formatFraction(best.metrics["mAP_0.5:0.95"]) : "–"}
              note={best ? "mAP_0.5:0.95" : "none to try yet"}
            />
          </Tiles>
          <span className={cards["chips"]}>
            {project.classes.slice(0, 40).map((one) => (
              <span key={one.class_id}>
                {one.name} {formatCount(one.boxes)}
              </span>
            ))}
          </span>
        </div>
      </Card>
    </>
  );
}

function splitText(splits: Record<string, number>): string {
  return Object.entries(splits)
    .filter(([, images]) => images > 0)
    .map(([name, images]) => `${name} ${formatCount(images)}`)
    .join(" · ");
}

/** Older runs are called by the id of their training; people know the model by a name. */
function nameOf(page: Page, run: string): string {
  return page.models.find((one) => one.training_id === run)?.name ?? run;
}

interface GraphProps {
  page: Page;
  /** null: the best. */
  model: string | null;
  view: View;
  onView: (change: Partial<View>) => void;
}

function Graph({ page, model, view, onView }: GraphProps) {
  const { owner, project } = page;
  const graph = useQuery({
    queryKey: ["public-graph", owner, project.slug, model],
    queryFn: () => getPublicGraph(owner, project.slug, model),
    enabled: page.has_graph,
  });
  if (!page.has_graph) {
    return (
      <Card label="No graph">
        <Empty title="There is no training graph">
          <p>None of its models was trained on this server.</p>
        </Empty>
      </Card>
    );
  }
  if (graph.error) return <Notice tone="bad" title={graph.error.message} />;
  if (!graph.data) return <p className={shared["hint"]}>Reading the training graph…</p>;
  return (
    <>
      <p className={shared["hint"]}>
        {model === null ? "Of the model with the best mAP_0.5:0.95, " : "Of the model "}
        {nameOf(page, graph.data.name)}.
      </p>
      <RunSections doc={graph.data} isLive={false} view={view} onView={onView} />
    </>
  );
}
