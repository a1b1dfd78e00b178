/** Projects in the trash, which come out again with one click. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../ui/controls";
import { formatCount, formatDuration } from "../ui/format";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { useNow } from "../ui/useNow";
import { getTrash, restoreProject } from "./api";

export function TrashList({ workspace }: { workspace: string }) {
  const queries = useQueryClient();
  const now = useNow();
  const trash = useQuery({ queryKey: ["trash", workspace], queryFn: () => getTrash(workspace) });
  const restore = useMutation({
    mutationFn: (id: string) => restoreProject(workspace, id),
    onSettled: () => {
      for (const key of ["trash", "projects"]) void queries.invalidateQueries({ queryKey: [key, workspace] });
    },
  });
  if (!trash.data || trash.data.length === 0) return null;
  return (
    <details>
      <summary>In the trash: {formatCount(trash.data.length)}</summary>
      {restore.error && <Notice tone="bad" title={restore.error.message} />}
      <div className={shared["tableFrame"]}>
        <table className={shared["table"]}>
          <tbody>
            {trash.data.map((project) => (
              <tr key={project.id}>
                <td>{project.name}</td>
                <td>{formatCount(project.images)} images</td>
                <td className={shared["hint"]}>
                  {project.deleted_at === null
                    ? ""
                    : `${formatDuration(Math.floor(now / 1000 - project.deleted_at))} ago`}
                </td>
                <td>
                  <Button
                    onClick={() => restore.mutate(project.id)}
                    disabled={restore.isPending}
                    aria-label={`Take ${project.name} out of the trash`}
                  >
                    Take out
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
