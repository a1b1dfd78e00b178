/** The images of a project: send new ones, look for some, see one with its boxes. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { annotatePath } from "../annotate/AnnotatePage";
import { filterWord } from "../annotate/api";
import { UnsavedImages } from "../annotate/Unsaved";
import { useCanWork } from "../server/useCanWork";
import { Button, Card } from "../ui/controls";
import { InputField, SelectField } from "../ui/fields";
import { formatCounted } from "../ui/format";
import { MoreButton } from "../ui/MoreButton";
import { Empty, Notice } from "../ui/Notice";
import { Thumbnail } from "../ui/Thumbnail";
import type { Batch, ImageQuery, Project, ProjectImage } from "./api";
import { getBatches, getImages, getProject, imageUrl, trashImages } from "./api";
import { ImageView } from "./ImageView";
import { ProjectFrame } from "./ProjectFrame";
import { UploadCard } from "./UploadCard";
import shared from "../ui/shared.module.css";
import cards from "../ui/cards.module.css";

const NO_FILTER: ImageQuery = { query: "", split: "", class_name: "", batch: "", is_labelled: "" };

export function ImagesPage({ workspace, project }: { workspace: string; project: string }) {
  const [filters, setFilters] = useState(NO_FILTER);
  const [shown, setShown] = useState<string | null>(null);
  const queries = useQueryClient();
  const canWork = useCanWork(workspace);
  const about = useQuery({ queryKey: ["project", workspace, project], queryFn: () => getProject(workspace, project) });
  const batches = useQuery({
    queryKey: ["batches", workspace, project],
    queryFn: () => getBatches(workspace, project),
  });
  const { images, total, pages } = useImages(workspace, project, filters);
  const renew = (): void => {
    for (const key of ["images", "project", "batches", "projects", "health"]) {
      void queries.invalidateQueries({ queryKey: [key, workspace] });
    }
  };
  const trash = useMutation({ mutationFn: (id: string) => trashImages(workspace, project, [id]), onSettled: renew });
  const at = images.findIndex((image) => image.id === shown);
  const image = images[at];
  const isEmpty = about.data?.images === 0 && filters === NO_FILTER && total === 0;
  const error = pages.error ?? about.error;
  return (
    <ProjectFrame workspace={workspace} project={project} tab="images">
      {canWork && <UploadCard workspace={workspace} project={project} onCame={renew} />}
      {isEmpty ? (
        <NoImages canWork={canWork} />
      ) : (
        <Filters
          value={filters}
          onChange={setFilters}
          project={about.data}
          batches={batches.data ?? []}
          total={pages.isPending ? null : total}
        />
      )}
      {error && <Notice tone="bad" title={error.message} />}
      {canWork && (
        <UnsavedImages
          workspace={workspace}
          project={project}
          hrefOf={(id) => `#${annotatePath(workspace, project, id, "")}`}
        />
      )}
      {canWork && images[0] && (
        <p>
          <a
            className={shared["linkButton"]}
            href={`#${annotatePath(workspace, project, images[0].id, filterWord(filters))}`}
          >
            Draw boxes on these images
          </a>
        </p>
      )}
      {image && (
        <ImageView
          key={image.id}
          workspace={workspace}
          project={project}
          image={image}
          classes={about.data?.classes ?? []}
          annotateHref={`#${annotatePath(workspace, project, image.id, filterWord(filters))}`}
          onClose={() => setShown(null)}
          onStep={(step) => setShown(images[at + step]?.id ?? shown)}
          onTrash={() => {
            trash.mutate(image.id);
            setShown(images[at + 1]?.id ?? null);
          }}
          onChanged={renew}
        />
      )}
      <ul className={cards["pictures"]}>
        {images.map((one) => (
          <li key={one.id}>
            <Thumbnail
              url={imageUrl(workspace, project, one.id, "thumbnail")}
              name={one.name}
              note={`${stateOf(one)}${one.split && one.in_dataset ? ` · ${one.split}` : ""}`}
              aria-label={`${one.name}, ${stateOf(one)}`}
              onClick={() => setShown(one.id)}
            />
          </li>
        ))}
      </ul>
      <MoreButton pages={pages} left={total - images.length} />
    </ProjectFrame>
  );
}

/** Images page by page, those of a new filter in the place of the old ones when they are there. */
function useImages(workspace: string, project: string, filters: ImageQuery) {
  const pages = useInfiniteQuery({
    queryKey: ["images", workspace, project, filters],
    queryFn: ({ pageParam }) => getImages(workspace, project, filters, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    placeholderData: (before) => before,
  });
  const images: ProjectImage[] = pages.data?.pages.flatMap((page) => page.images) ?? [];
  return { images, total: pages.data?.pages[0]?.total ?? 0, pages };
}

function stateOf(image: ProjectImage): string {
  const boxes = Object.values(image.labels).reduce((sum, count) => sum + count, 0);
  return image.drafts > 0
    ? formatCounted(image.drafts, "draft")
    : image.is_labelled
      ? formatCounted(boxes, "box", "boxes")
      : "not labelled";
}

function NoImages({ canWork }: { canWork: boolean }) {
  return (
    <Card label="No images">
      <Empty title="No image yet">
        <p>
          {canWork
            ? "Drop some above. Boxes come with annotation files, or are drawn here by hand."
            : "Nobody has put one into this project."}
        </p>
      </Empty>
    </Card>
  );
}

interface FiltersProps {
  value: ImageQuery;
  onChange: (value: ImageQuery) => void;
  project: Project | undefined;
  batches: Batch[];
  total: number | null;
}

function Filters({ value, onChange, project, batches, total }: FiltersProps) {
  const choice = (name: keyof ImageQuery, label: string, options: [string, string][]) => (
    <SelectField
      label={label}
      value={value[name]}
      options={[["", "all"], ...options]}
      onChange={(chosen) => onChange({ ...value, [name]: chosen })}
    />
  );
  return (
    <div className={shared["fields"]}>
      <InputField
        label="Search"
        type="search"
        value={value.query}
        placeholder="tag:night -class:car"
        onChange={(query) => onChange({ ...value, query })}
      />
      {choice("split", "Split", [
        ["train", "train"],
        ["val", "val"],
        ["test", "test"],
        ["none", "none"],
      ])}
      {choice(
        "class_name",
        "Class",
        (project?.classes ?? []).map((one) => [one.name, one.name]),
      )}
      {choice(
        "batch",
        "Batch",
        batches.map((one) => [one.id, `${one.name} (${one.images})`]),
      )}
      {choice("is_labelled", "Labelled", [
        ["true", "yes"],
        ["false", "no"],
      ])}
      <span className={shared["hint"]} role="status">
        {total === null ? "…" : formatCounted(total, "image")}
      </span>
      {total === 0 && <Button onClick={() => onChange(NO_FILTER)}>Show all</Button>}
    </div>
  );
}
