/** How much lies in the trash, with the way there; nothing when it is empty. */
import { useQuery } from "@tanstack/react-query";
import { formatCount } from "../ui/format";
import { getTrashed } from "./api";
import { trashPath } from "./paths";

export function TrashLink({ workspace }: { workspace: string }) {
  const trash = useQuery({ queryKey: ["trash", workspace], queryFn: () => getTrashed(workspace, "project", 0) });
  const count = Object.values(trash.data?.counts ?? {}).reduce((sum, one) => sum + one, 0);
  if (count === 0) return null;
  return (
    <p>
      <a href={`#${trashPath(workspace)}`}>In the trash: {formatCount(count)}</a>
    </p>
  );
}
