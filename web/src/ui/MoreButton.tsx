import { Button } from "./controls";
import { formatCount } from "./format";

interface MoreButtonProps {
  /** Of TanStack Query: what is there so far, page by page. */
  pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  /** How many are not shown yet. */
  left: number;
}

/** Brings the next page of a list, as long as there is one. */
export function MoreButton({ pages, left }: MoreButtonProps) {
  if (!pages.hasNextPage) return null;
  return (
    <Button onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
      Show more ({formatCount(left)} left)
    </Button>
  );
}
