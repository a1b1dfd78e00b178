/** A workspace: its people, keys and credits. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { getWorkspace, renameWorkspace } from "../server/people";
import { Field } from "../training/Field";
import { Button } from "../ui/controls";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { AuditSection } from "./AuditSection";
import { CreditsSection } from "./CreditsSection";
import { KeysSection } from "./KeysSection";
import { MembersSection } from "./MembersSection";
import { Section } from "./Section";
import styles from "./tables.module.css";
import { WebhookSection } from "./WebhookSection";
import { useSaving } from "./useSaving";

export function WorkspacePage({ slug }: { slug: string }) {
  const found = useQuery({ queryKey: ["workspace", slug], queryFn: () => getWorkspace(slug) });
  if (found.isPending) return <p>Looking for the workspace…</p>;
  if (found.error) return <Notice tone="bad" title={found.error.message} actions={<a href="#/">All runs</a>} />;
  const { name, scopes } = found.data;
  const isOwner = scopes.includes("admin");
  return (
    <>
      <div className={shared["head"]}>
        <h1>{name}</h1>
        <span className={shared["buttons"]}>
          <a href={`#/w/${encodeURIComponent(slug)}/projects`}>Projects</a>
          <a href={`#/w/${encodeURIComponent(slug)}/runs`}>Runs</a>
        </span>
      </div>
      <CreditsSection slug={slug} canGrant={isOwner} />
      <MembersSection slug={slug} canManage={isOwner} />
      {isOwner && <KeysSection slug={slug} />}
      {isOwner && <WebhookSection slug={slug} />}
      {isOwner && <AuditSection slug={slug} />}
      {isOwner && <NameSection slug={slug} name={name} />}
    </>
  );
}

function NameSection({ slug, name }: { slug: string; name: string }) {
  const client = useQueryClient();
  const { save, error, isPending, isSaved } = useSaving(
    (to: string) => renameWorkspace(slug, to),
    () => {
      void client.invalidateQueries({ queryKey: ["workspace", slug] });
      void client.invalidateQueries({ queryKey: ["me"] });
    },
  );
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save(String(new FormData(event.currentTarget).get("workspace-name")));
  };
  return (
    <Section
      title="Name"
      about={
        <>
          In addresses it stays <code>{slug}</code>.
        </>
      }
      error={error}
    >
      <form className={styles["column"]} onSubmit={submit}>
        <Field name="workspace-name" label="Name of the workspace" hint="">
          <input id="workspace-name" name="workspace-name" defaultValue={name} maxLength={100} required />
        </Field>
        <Button type="submit" disabled={isPending}>
          {isSaved ? "Saved" : "Save"}
        </Button>
      </form>
    </Section>
  );
}
