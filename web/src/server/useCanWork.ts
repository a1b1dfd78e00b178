import { useQuery } from "@tanstack/react-query";
import { getMe } from "./people";

/**
 * Whether the person may change things in a workspace: whoever only looks is offered nothing that the server would
 * refuse. Where nothing is known of the role, the server decides.
 */
export function useCanWork(workspace: string): boolean {
  const me = useQuery({ queryKey: ["me"], queryFn: getMe, staleTime: 60_000 });
  return me.data?.workspaces.find((one) => one.slug === workspace)?.role !== "viewer";
}
