/** The health check of a project: its numbers as pictures, and what was noticed. No grade is given. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Card, Tile, Tiles } from "../../ui/controls";
import { formatCount } from "../../ui/format";
import { Empty, Notice } from "../../ui/Notice";
import { getHealth, imageUrl, trashImages } from "../api";
import { projectPath } from "../paths";
import { ProjectFrame } from "../ProjectFrame";
import { Bars } from "./Bars";
import type { HealthDocument } from "./document";
import { describeBin, groupObjects } from "./document";
import { Findings } from "./Findings";
import styles from "./Health.module.css";
import { Heatmap } from "./Heatmap";
import shared from "../../ui/shared.module.css";

const SPLITS = ["train", "val", "test", "none"];

export function HealthPage({ workspace, project }: { workspace: string; project: string }) {
  const [deep, setDeep] = useState(false);
  const health = useQuery({
    queryKey: ["health", workspace, project, deep],
    queryFn: () => getHealth(workspace, project, deep),
    placeholderData: (before) => before,
  });
  const queries = useQueryClient();
  const trash = useMutation({
    mutationFn: (ids: string[]) => trashImages(workspace, project, ids),
    onSuccess: () =>
      Promise.all([health.refetch(), queries.invalidateQueries({ queryKey: ["images", workspace, project] })]),
  });
  return (
    <ProjectFrame
      workspace={workspace}
      project={project}
      tab="health"
      actions={
        <Button onClick={() => (deep ? void health.refetch() : setDeep(true))} disabled={health.isFetching}>
          {health.isFetching ? "Looking…" : deep ? "Look again" : "Look for look-alikes too"}
        </Button>
      }
    >
      {health.error && <Notice tone="bad" title={health.error.message} />}
      {health.isPending && <p className={shared["hint"]}>Counting…</p>}
      {health.data?.images === 0 && (
        <Card label="No images">
          <Empty title="There are no images yet">
            <p>
              <a href={`#${projectPath(workspace, project, "images")}`}>Put some into the project</a>
            </p>
          </Empty>
        </Card>
      )}
      {health.data && health.data.images > 0 && (
        <>
          <Numbers health={health.data} />
          {trash.error && <Notice tone="bad" title={trash.error.message} />}
          <Findings
            health={health.data}
            pictureUrl={(id) => imageUrl(workspace, project, id, "thumbnail")}
            onTrash={(ids) => trash.mutate(ids)}
            isBusy={trash.isPending || health.isFetching}
          />
          <Charts health={health.data} />
        </>
      )}
    </ProjectFrame>
  );
}

function Numbers({ health }: { health: HealthDocument }) {
  const { labeling, image_size: size } = health;
  const perImage = health.annotations / Math.max(1, labeling.with_boxes + labeling.background);
  return (
    <Card label="Numbers">
      <Tiles>
        <Tile
          name="Images"
          value={formatCount(health.images)}
          note={`${formatCount(labeling.with_boxes)} with boxes`}
        />
        <Tile
          name="Missing"
          value={formatCount(labeling.unlabelled)}
          note="nobody has looked at them"
          title="Images without any annotation; they are not trained on."
        />
        <Tile
          name="Null"
          value={formatCount(labeling.background)}
          note="looked at, nothing there"
          title="Background images; a few per cent of them teach a model what is not an object."
        />
        <Tile name="Boxes" value={formatCount(health.annotations)} note={`${perImage.toFixed(1)} per image`} />
        <Tile name="Classes" value={formatCount(health.classes.length)} />
        <Tile
          name="Median size"
          value={`${Math.round(size.median_wh[0])} × ${Math.round(size.median_wh[1])}`}
          note={`mean ${Math.round(size.mean_wh[0])} × ${Math.round(size.mean_wh[1])}`}
        />
        <Tile
          name="Median aspect ratio"
          value={size.median_aspect_ratio.toFixed(2)}
          note={`${formatCount(size.wide)} wide, ${formatCount(size.square)} square, ${formatCount(size.tall)} tall`}
        />
      </Tiles>
    </Card>
  );
}

function Charts({ health }: { health: HealthDocument }) {
  const present = SPLITS.filter((split) => Object.values(health.class_balance).some((one) => one[split]));
  const classes = Object.entries(health.class_balance)
    .map(([name, splits]) => ({
      label: name,
      count: present.reduce((sum, split) => sum + (splits[split]?.annotations ?? 0), 0),
      parts: present.map((split) => ({ name: split, count: splits[split]?.annotations ?? 0 })),
    }))
    .sort((a, b) => b.count - a.count);
  const { box_size: size, image_size: images } = health;
  const bins = (rows: typeof images.megapixels) => rows.map((bin) => ({ label: describeBin(bin), count: bin[2] }));
  return (
    <div className={styles["charts"]}>
      <Card label="Class balance">
        <div className={shared["section"]}>
          <h2>Class balance</h2>
          <p className={styles["legend"]}>
            {present.map((split, i) => (
              <span key={split}>
                <svg viewBox="0 0 1 1" aria-hidden="true">
                  <rect className={styles[`part${i}`]} width={1} height={1} />
                </svg>
                {split === "none" ? "no split" : split}
              </span>
            ))}
          </p>
          <Bars bars={classes} unit="boxes" />
        </div>
      </Card>
      <Card label="Where the boxes lie">
        <Heatmap health={health} />
      </Card>
      <Card label="Objects per image">
        <div className={shared["section"]}>
          <h2>Objects per image</h2>
          <Bars bars={groupObjects(health.objects_per_image)} unit="images" />
        </div>
      </Card>
      <Card label="Box sizes">
        <div className={shared["section"]}>
          <h2>Box sizes</h2>
          <Bars
            bars={(["small", "medium", "large"] as const).map((name) => ({ label: name, count: size[name] }))}
            unit="boxes"
          />
          <p className={shared["hint"]}>
            Small is under 32² pixels, large over 96², in the images as they are (COCO’s limits). Where most are small,
            a larger image size or tiles help more than a larger model.
          </p>
        </div>
      </Card>
      <Card label="Dimensions">
        <div className={shared["section"]}>
          <h2>Megapixels</h2>
          <Bars bars={bins(images.megapixels).filter((bar) => bar.count > 0)} unit="images" />
          <h2>Aspect ratio (width / height)</h2>
          <Bars bars={bins(images.aspect_ratio).filter((bar) => bar.count > 0)} unit="images" />
        </div>
      </Card>
    </div>
  );
}
