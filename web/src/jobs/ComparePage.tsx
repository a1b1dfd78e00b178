/** Runs that were selected in the list, beside each other. */
import { useQuery } from "@tanstack/react-query";
import { ComparisonSections } from "../compare/ComparisonSections";
import type { View } from "../graphs/view";
import { getComparison, getGraph } from "../server/api";
import { Button } from "../ui/controls";
import { Notice } from "../ui/Notice";

interface ComparePageProps {
  ids: string[];
  view: View;
  onView: (change: Partial<View>) => void;
}

export function ComparePage({ ids, view, onView }: ComparePageProps) {
  const answer = useQuery({
    queryKey: ["compare", ...ids],
    queryFn: async () => {
      const [comparison, ...documents] = await Promise.all([getComparison(ids), ...ids.map(getGraph)]);
      return { comparison, documents };
    },
  });
  return (
    <>
      <p>
        <a href="#/">All runs</a>
      </p>
      <h1>{ids.length === 2 ? ids.join(" and ") : `${ids.length} runs compared`}</h1>
      {answer.error && (
        <Notice
          tone="bad"
          title="These runs cannot be compared"
          actions={<Button onClick={() => void answer.refetch()}>Try now</Button>}
        >
          {answer.error.message}
        </Notice>
      )}
      {answer.isPending && <p>Comparing…</p>}
      {answer.data && <ComparisonSections {...answer.data} view={view} onView={onView} />}
    </>
  );
}
