/** One image with its boxes; a model's drafts are dashed and can be taken for good. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useCanWork } from "../server/useCanWork";
import { Button } from "../ui/controls";
import { ImageViewer, StepButtons } from "../ui/ImageViewer";
import { Notice } from "../ui/Notice";
import type { ProjectClass, ProjectImage } from "./api";
import { acceptDrafts, getBoxes, imageUrl } from "./api";
import styles from "./Projects.module.css";
import shared from "../ui/shared.module.css";

interface Props {
  workspace: string;
  project: string;
  image: ProjectImage;
  classes: ProjectClass[];
  /** Of the page that draws boxes. */
  annotateHref: string;
  onClose: () => void;
  onStep: (step: 1 | -1) => void;
  onTrash: () => void;
  onChanged: () => void;
}

export function ImageView({
  workspace,
  project,
  image,
  classes,
  annotateHref,
  onClose,
  onStep,
  onTrash,
  onChanged,
}: Props) {
  const boxes = useQuery({
    queryKey: ["boxes", workspace, project, image.id],
    queryFn: () => getBoxes(workspace, project, image.id),
  });
  const canWork = useCanWork(workspace);
  const accept = useMutation({
    mutationFn: () => acceptDrafts(workspace, project, image.id),
    onSuccess: () => {
      void boxes.refetch();
      onChanged();
    },
  });
  const [width, height] = image.image_wh;
  const unit = Math.max(width, height) / 700; // One pixel of the page, about.
  const colour = (name: string): string => classes.find((one) => one.name === name)?.color ?? "#0b5cc0";
  const error = boxes.error ?? accept.error;
  return (
    <ImageViewer name={image.name} onStep={onStep} onClose={onClose}>
      <div className={styles["viewHead"]}>
        <strong>{image.name}</strong>
        <span className={shared["hint"]}>
          {width} × {height} · {image.in_dataset ? (image.split ?? "no split") : "waits in its batch"}
          {image.tags.length > 0 ? ` · ${image.tags.join(", ")}` : ""}
        </span>
        <span className={shared["buttons"]}>
          <StepButtons onStep={onStep} />
          {canWork && (
            <a className={shared["linkButton"]} href={annotateHref}>
              Edit boxes
            </a>
          )}
          {canWork && image.drafts > 0 && (
            <Button tone="primary" onClick={() => accept.mutate()} disabled={accept.isPending}>
              Accept {image.drafts} drafts
            </Button>
          )}
          {canWork && (
            <Button tone="danger" onClick={onTrash}>
              Trash
            </Button>
          )}
          <Button onClick={onClose}>Close</Button>
        </span>
      </div>
      {error && <Notice tone="bad" title={error.message} />}
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${image.name} with ${boxes.data?.length ?? 0} boxes`}
      >
        <image href={imageUrl(workspace, project, image.id, "drawable")} width={width} height={height} />
        {boxes.data?.map(({ box_xyxy: [x1, y1, x2, y2], class_name, is_draft, confidence }, i) => (
          <g key={i} stroke={colour(class_name)} fill={colour(class_name)}>
            <rect
              x={x1}
              y={y1}
              width={Math.max(0, x2 - x1)}
              height={Math.max(0, y2 - y1)}
              fillOpacity={0.08}
              strokeWidth={2 * unit}
              strokeDasharray={is_draft ? `${6 * unit} ${4 * unit}` : undefined}
            />
            <text
              className={styles["tag"]}
              x={x1 + 3 * unit}
              y={Math.max(14 * unit, y1 - 4 * unit)}
              fontSize={13 * unit}
              strokeWidth={3 * unit}
            >
              {class_name}
              {confidence === null ? "" : ` ${confidence.toFixed(2)}`}
            </text>
          </g>
        ))}
      </svg>
    </ImageViewer>
  );
}
