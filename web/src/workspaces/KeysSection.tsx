/** API keys: made, shown once, revoked. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import type { ApiKey, Scope } from "../server/people";
import { getKeys, makeKey, revokeKey, SCOPES } from "../server/people";
import { Field } from "../training/Field";
import { Button } from "../ui/controls";
import { StackingTable } from "../ui/StackingTable";
import { day } from "./day";
import { Section, ShownOnce } from "./Section";
import styles from "./tables.module.css";

const ABOUT = (
  <>
    For programs: our own client, and the roboflow and inference-sdk packages. A key with infer alone can be given to a
    device. <a href="#/api">What a key can ask</a>
  </>
);

/** What each scope lets a key do. */
const MEANINGS: Record<Scope, string> = {
  read: "look at and download everything",
  write: "upload, label, make versions",
  train: "start and stop trainings",
  infer: "ask models",
  admin: "manage people, keys and credits",
};
const LIVES = [
  [0, "never"],
  [30, "after 30 days"],
  [90, "after 90 days"],
  [365, "after a year"],
] as const;

interface KeyForm {
  name: string;
  scopes: Scope[];
  days: number | null;
}

export function KeysSection({ slug }: { slug: string }) {
  const client = useQueryClient();
  const key = ["workspace", slug, "keys"];
  const keys = useQuery({ queryKey: key, queryFn: () => getKeys(slug) });
  const again = (): void => void client.invalidateQueries({ queryKey: key });
  const make = useMutation({
    mutationFn: ({ name, scopes, days }: KeyForm) => makeKey(slug, name, scopes, days),
    onSuccess: again,
  });
  const revoke = useMutation({ mutationFn: (id: string) => revokeKey(slug, id), onSettled: again });
  const good = keys.data?.filter((one) => one.revoked_at === null) ?? [];
  return (
    <Section title="API keys" about={ABOUT} error={keys.error ?? make.error ?? revoke.error}>
      {make.data && (
        <ShownOnce
          label={`The key “${make.data.made.name}”`}
          text={make.data.key}
          about="It is shown this once. The server keeps only its hash."
        />
      )}
      {good.length > 0 && <KeyTable keys={good} onRevoke={(id) => revoke.mutate(id)} />}
      {keys.data && good.length === 0 && <p className={styles["quiet"]}>There is no key yet.</p>}
      <MakeForm isPending={make.isPending} onMake={(form, onSuccess) => make.mutate(form, { onSuccess })} />
    </Section>
  );
}

function KeyTable({ keys, onRevoke }: { keys: ApiKey[]; onRevoke: (id: string) => void }) {
  return (
    <StackingTable
      caption="API keys"
      rowTestId="key"
      columns={["Name", "Begins with", "May", "Last used", "Ends", { title: "Revoke", isHidden: true }]}
      rows={keys.map((key) => ({
        key: key.id,
        cells: [
          key.name,
          <span key="prefix" className={styles["mono"]}>
            {key.prefix}…
          </span>,
          key.scopes.join(", "),
          <span key="used" className={styles["number"]}>
            {key.last_used_at === null ? "never" : day(key.last_used_at)}
          </span>,
          <span key="ends" className={styles["number"]}>
            {key.expires_at === null ? "never" : day(key.expires_at)}
          </span>,
          <Button key="revoke" tone="danger" onClick={() => onRevoke(key.id)} aria-label={`Revoke ${key.name}`}>
            Revoke
          </Button>,
        ],
      }))}
    />
  );
}

interface MakeFormProps {
  isPending: boolean;
  onMake: (form: KeyForm, onSuccess: () => void) => void;
}

function MakeForm({ isPending, onMake }: MakeFormProps) {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const days = Number(data.get("days"));
    onMake(
      {
        name: String(data.get("key-name")),
        scopes: data.getAll("scope") as Scope[],
        days: days > 0 ? days : null,
      },
      () => form.reset(), // else another Enter makes the same key again
    );
  };
  return (
    <form className={styles["column"]} onSubmit={submit}>
      <Field name="key-name" label="New key" hint="">
        <input id="key-name" name="key-name" placeholder="laptop" maxLength={100} required />
      </Field>
      <fieldset className={styles["scopes"]}>
        <legend>May</legend>
        {SCOPES.map((scope) => (
          <label key={scope}>
            <input type="checkbox" name="scope" value={scope} defaultChecked={scope !== "admin"} />
            {scope} <span className={styles["quiet"]}>{MEANINGS[scope]}</span>
          </label>
        ))}
      </fieldset>
      <Field name="days" label="Ends" hint="">
        <select id="days" name="days" defaultValue="0">
          {LIVES.map(([days, text]) => (
            <option key={days} value={days}>
              {text}
            </option>
          ))}
        </select>
      </Field>
      <Button type="submit" tone="primary" disabled={isPending}>
        Make a key
      </Button>
    </form>
  );
}
