/** All that lies in the trash of a workspace: what, since when, until when; and out of it again. */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Card, Choice } from "../ui/controls";
import { formatCount, formatDuration } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import tabs from "../ui/tabs.module.css";
import { useNow } from "../ui/useNow";
import type { Trashed, TrashKind } from "./api";
import { getTrashed, restoreTrashed } from "./api";
import styles from "./Trash.module.css";
import { KIND_WORDS, untilText } from "./words";

const KINDS = Object.keys(KIND_WORDS) as TrashKind[];

export function TrashPage({ workspace }: { workspace: string }) {
  const [chosen, setChosen] = useState<TrashKind | null>(null);
  const first = useTrash(workspace, "project");
  const counts = first.data?.pages[0]?.counts;
  const kind = chosen ?? KINDS.find((one) => (counts?.[one] ?? 0) > 0) ?? "project";
  const all = counts ? KINDS.reduce((sum, one) => sum + counts[one], 0) : null;
  return (
    <>
      <p>
        <a className={tabs["back"]} href={`#/w/${encodeURIComponent(workspace)}/projects`}>
          ← All projects
        </a>
      </p>
      <h1>Trash</h1>
      <p className={shared["hint"]}>
        What is deleted lies here for 30 days and can be taken out again; then it is gone for good, and the space that
        it took is free.
      </p>
      {first.error && <Notice tone="bad" title={first.error.message} />}
      {all === 0 && (
        <Card label="Empty">
          <Empty title="The trash is empty" />
        </Card>
      )}
      {counts && all !== null && all > 0 && (
        <>
          <Choice
            label="Kind"
            value={kind}
            options={KINDS.map((one) => ({
              value: one,
              label: `${KIND_WORDS[one]} ${formatCount(counts[one])}`,
              isDisabled: counts[one] === 0,
            }))}
            onChange={setChosen}
          />
          <Things key={kind} workspace={workspace} kind={kind} />
        </>
      )}
    </>
  );
}

function useTrash(workspace: string, kind: TrashKind) {
  return useInfiniteQuery({
    queryKey: ["trash", workspace, kind],
    queryFn: ({ pageParam }) => getTrashed(workspace, kind, pageParam),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const shown = pages.reduce((sum, page) => sum + page.items.length, 0);
      return shown < last.counts[kind] ? shown : undefined;
    },
  });
}

function Things({ workspace, kind }: { workspace: string; kind: TrashKind }) {
  const queries = useQueryClient();
  const trash = useTrash(workspace, kind);
  const restore = useMutation({
    mutationFn: (ids: string[]) => restoreTrashed(workspace, kind, ids),
    onSettled: () => {
      const touched = ["trash", "projects", "project", "images", "versions", "trainings", "models", "batches"];
      for (const key of touched) void queries.invalidateQueries({ queryKey: [key, workspace] });
    },
  });
  const items = trash.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card label={KIND_WORDS[kind]}>
      {trash.error && <Notice tone="bad" title={trash.error.message} />}
      {restore.error && <Notice tone="bad" title={restore.error.message} />}
      {items.length > 1 && (
        <div className={shared["buttons"]}>
          <Button disabled={restore.isPending} onClick={() => restore.mutate(items.map((one) => one.id))}>
            Take out all {formatCount(items.length)} that are shown
          </Button>
        </div>
      )}
      <ul className={styles["things"]}>
        {items.map((one) => (
          <Thing key={one.id} thing={one} isBusy={restore.isPending} onRestore={() => restore.mutate([one.id])} />
        ))}
      </ul>
      {trash.hasNextPage && (
        <Button disabled={trash.isFetchingNextPage} onClick={() => void trash.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Card>
  );
}

function Thing({ thing, isBusy, onRestore }: { thing: Trashed; isBusy: boolean; onRestore: () => void }) {
  const now = useNow() / 1000;
  const about = [thing.project, thing.about].filter(Boolean).join(" · ");
  return (
    <li data-testid="trashed">
      <span className={styles["what"]}>
        <strong>{thing.name}</strong>
        {about && <span className={shared["hint"]}>{about}</span>}
      </span>
      <span className={styles["when"]}>
        <span>deleted {formatDuration(Math.max(0, Math.floor(now - thing.deleted_at)))} ago</span>
        <span>{untilText(thing.goes_at, now)}</span>
      </span>
      <Button disabled={isBusy} aria-label={`Take ${thing.name} out of the trash`} onClick={onRestore}>
        Take out
      </Button>
    </li>
  );
}
