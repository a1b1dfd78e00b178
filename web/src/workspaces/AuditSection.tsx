/** Who changed what in a workspace: people, keys, credits. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getAudit } from "../server/people";
import { Toggle } from "../ui/controls";
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
        <div className={styles["scroll"]}>
          <table className={styles["table"]}>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
              </tr>
            </thead>
            <tbody>
              {audit.data.map((entry, i) => (
                <tr key={i} data-testid="audit">
                  <td className={styles["number"]}>{day(entry.created_at)}</td>
                  <td>{entry.who || entry.actor}</td>
                  <td>
                    {entry.action.replaceAll(/[._]/g, " ")} <span className={styles["quiet"]}>{details(entry)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function details({ subject, details: more }: { subject: string; details: Record<string, unknown> }): string {
  const pairs = Object.entries(more).map(([name, value]) => `${name} ${String(value)}`);
  return [subject, ...pairs].filter(Boolean).join(" · ");
}
