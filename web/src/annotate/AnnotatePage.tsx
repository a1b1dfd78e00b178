/** Draw and mend the boxes of an image by hand, then of the next one in the list that it was opened from. The room is the picture's. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { getProject, imageUrl } from "../projects/api";
import { projectPath } from "../projects/paths";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import tabs from "../ui/tabs.module.css";
import { getImage, getLabels, getNeighbours } from "./api";
import { Editor } from "./Editor";

const HUES = 8;

interface Props {
  workspace: string;
  project: string;
  image: string;
  /** Of the list, as a query; empty: all images. */
  filters: string;
  onGo: (path: string) => void;
}

export function AnnotatePage({ workspace, project, image: id, filters, onGo }: Props) {
  const queries = useQueryClient();
  const [className, setClassName] = useState<string | null>(null);
  const [named, setNamed] = useState<string[]>([]);
  const about = useQuery({ queryKey: ["project", workspace, project], queryFn: () => getProject(workspace, project) });
  // Read anew whenever the image is opened, and never below somebody's hands.
  const opened = useQuery({
    queryKey: ["annotate", workspace, project, id],
    queryFn: async () => {
      const [image, labels] = await Promise.all([getImage(workspace, project, id), getLabels(workspace, project, id)]);
      return { image, labels };
    },
    gcTime: 0,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const around = {
    queryKey: ["neighbours", workspace, project, id, filters],
    queryFn: () => getNeighbours(workspace, project, id, filters),
  };
  const neighbours = useQuery(around);
  usePicture(neighbours.data?.after ? imageUrl(workspace, project, neighbours.data.after, "drawable") : null);
  const onLeft = useCallback(() => {
    for (const key of ["images", "boxes", "project", "batches", "neighbours"]) {
      void queries.invalidateQueries({ queryKey: [key, workspace] });
    }
  }, [queries, workspace]);
  const classes = about.data?.classes ?? [];
  const names = classes.map((one) => one.name);
  names.push(...named.filter((name) => !names.includes(name)));
  const colour = (name: string): string =>
    classes.find((one) => one.name === name)?.color ?? `var(--series-${(Math.max(0, names.indexOf(name)) % HUES) + 1})`;
  const error = opened.error ?? about.error ?? neighbours.error;
  return (
    <>
      <p>
        <a className={tabs["back"]} href={`#${projectPath(workspace, project, "images")}`}>
          ← Images of {about.data?.name ?? project}
        </a>
      </p>
      {error && <Notice tone="bad" title={error.message} />}
      {(opened.isPending || about.isPending) && <p className={shared["hint"]}>Looking for the image…</p>}
      {opened.data && about.data && (
        <Editor
          key={`${id} ${opened.dataUpdatedAt}`}
          workspace={workspace}
          project={project}
          image={opened.data.image}
          known={opened.data.labels}
          neighbours={neighbours.data}
          findNeighbours={() => queries.ensureQueryData(around)}
          names={names}
          className={className ?? names[0] ?? null}
          colour={colour}
          onClass={(name, isForNext) => {
            if (isForNext) setClassName(name);
            setNamed((before) => (before.includes(name) ? before : [...before, name]));
          }}
          onStep={(next) => onGo(annotatePath(workspace, project, next, filters))}
          onReload={() => void opened.refetch()}
          onLeft={onLeft}
        />
      )}
    </>
  );
}

/** Where the page for an image is; `filters` is the query of the list that it is opened from. */
export function annotatePath(workspace: string, project: string, image: string, filters: string): string {
  return projectPath(workspace, project, "annotate", image, ...(filters ? [filters] : []));
}

/** Fetches a picture ahead, so that the next image is there at once. */
function usePicture(url: string | null): void {
  useEffect(() => {
    if (url !== null) new Image().src = url;
  }, [url]);
}
