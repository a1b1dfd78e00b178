/** Who changed what in a workspace: people, keys, credits. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getAudit } from "../server/people";
import { Toggle } from "../ui/controls";
import { StackingTable } from "../ui/StackingTable";
import { day } from "./day";
import { Section } from "./Section";
import styles from "./tables.module.css";

export function AuditSection({ slug }: { slug: string }) {
  const [isOpen, setOpen] = useState(false);
  const audit = useQuery({
    queryKey: ["workspace", slug, "audit"],
    queryFn: () => getAudit(slug),
    enabled: isOpen,
    staleTime: 0,
  });
  return (
    <Section title="Who changed what" about="People, keys and credits; the newest first." error={audit.error}>
      <div>
        <Toggle on={isOpen} onChange={setOpen}>
          {isOpen ? "Hide it" : "Show it"}
        </Toggle>
      </div>
      {isOpen && audit.data && (
        <StackingTable
          caption="Who changed what, the newest first"
          rowTestId="audit"
          columns={["When", "Who", "What"]}
          rows={audit.data.map((entry, i) => ({
            key: String(i),
            cells: [
              <span key="when" className={styles["number"]}>
                {day(entry.created_at)}
              </span>,
              entry.who || entry.actor,
              <span key="what">
                {entry.action.replaceAll(/[._]/g, " ")} <span className={styles["quiet"]}>{details(entry)}</span>
              </span>,
            ],
          }))}
        />
      )}
    </Section>
  );
}

function details({ subject, details: more }: { subject: string; details: Record<string, unknown> }): string {
  const pairs = Object.entries(more).map(([name, value]) => `${name} ${String(value)}`);
  return [subject, ...pairs].filter(Boolean).join(" · ");
}
