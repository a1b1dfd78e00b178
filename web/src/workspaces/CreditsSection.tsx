/** Training credits: how many are left, why they changed, and more of them with one click. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { getCredits, grantCredits } from "../server/people";
import { Button, Tile, Tiles } from "../ui/controls";
import { StackingTable } from "../ui/StackingTable";
import { day } from "./day";
import { Section } from "./Section";
import shared from "../ui/shared.module.css";
import styles from "./tables.module.css";

const [GRANTED, SHOWN] = [10, 20];
const REASONS: Record<string, string> = {
  start: "Start",
  grant: "Granted",
  training: "Training started",
  refund: "Given back",
};

export function CreditsSection({ slug, canGrant }: { slug: string; canGrant: boolean }) {
  const client = useQueryClient();
  const [isWhole, setWhole] = useState(false);
  const key = ["workspace", slug, "credits"];
  const credits = useQuery({ queryKey: key, queryFn: () => getCredits(slug) });
  const grant = useMutation({
    mutationFn: () => grantCredits(slug, GRANTED),
    onSuccess: (now) => client.setQueryData(key, now),
  });
  const about =
    credits.data?.metered === false
      ? "Metering is off on this server: trainings are free."
      : "A training takes one when it starts, and gives it back when it fails or is cancelled before its first epoch.";
  return (
    <Section title="Training credits" about={about} error={credits.error ?? grant.error}>
      {credits.data && (
        <>
          <div className={shared["head"]}>
            <Tiles>
              <Tile name="Left" value={<span data-testid="credits">{credits.data.balance}</span>} />
            </Tiles>
            {canGrant && (
              <Button tone="primary" disabled={grant.isPending} onClick={() => grant.mutate()}>
                Grant {GRANTED} more
              </Button>
            )}
          </div>
          <StackingTable
            caption="Changes, the newest first"
            columns={["When", "Change", "Why"]}
            rows={credits.data.entries.slice(0, isWhole ? undefined : SHOWN).map((line) => ({
              key: line.id,
              cells: [
                day(line.created_at),
                <span key="change" className={styles["number"]}>
                  {line.change > 0 ? `+${line.change}` : `−${-line.change}`}
                </span>,
                <span key="why">
                  {REASONS[line.reason] ?? line.reason}
                  {line.note && <span className={styles["quiet"]}> · {line.note}</span>}
                </span>,
              ],
            }))}
          />
          {credits.data.entries.length > SHOWN && (
            <div>
              <Button onClick={() => setWhole(!isWhole)}>
                {isWhole ? "Show the last ones" : `Show all ${credits.data.entries.length} changes`}
              </Button>
            </div>
          )}
        </>
      )}
    </Section>
  );
}
