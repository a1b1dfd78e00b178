/** One's own account, and new workspaces for the owner of the server. */
import { useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import type { AccountChange, Me } from "../server/people";
import { changeMe, makeWorkspace, signOut } from "../server/people";
import { Field } from "../training/Field";
import { Button } from "../ui/controls";
import { Section } from "./Section";
import shared from "../ui/shared.module.css";
import styles from "./tables.module.css";
import { useSaving } from "./useSaving";

type User = NonNullable<Me["user"]>;

export function AccountPage({ me }: { me: Me }) {
  const leave = useSaving(
    () => signOut(),
    () => location.reload(), // which forgets all that the page has seen
  );
  if (!me.user) return null;
  return (
    <>
      <div className={shared["head"]}>
        <h1>Account</h1>
        <Button onClick={() => leave.save(undefined)}>Sign out</Button>
      </div>
      <WhoSection user={me.user} />
      <PasswordSection user={me.user} />
      {me.user.is_server_owner && <NewWorkspaceSection />}
    </>
  );
}

function useChange() {
  const client = useQueryClient();
  return useSaving(
    (change: AccountChange) => changeMe(change),
    (now) => client.setQueryData(["me"], now),
  );
}

function WhoSection({ user }: { user: User }) {
  const { save, error, isPending, isSaved } = useChange();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const email = String(data.get("account-email"));
    const change: AccountChange = { name: String(data.get("account-name")) };
    if (email !== user.email) Object.assign(change, { email, current_password: String(data.get("confirm") ?? "") });
    save(change);
  };
  return (
    <Section title="You" about="The address is what you sign in with; nothing is sent to it." error={error}>
      <form className={styles["column"]} onSubmit={submit}>
        <Field name="account-name" label="Name" hint="">
          <input id="account-name" name="account-name" defaultValue={user.name} maxLength={100} required />
        </Field>
        <Field name="account-email" label="E-mail address" hint="">
          <input id="account-email" name="account-email" defaultValue={user.email} autoComplete="username" required />
        </Field>
        {user.has_password && (
          <Field name="confirm" label="Current password" hint="Only for another address.">
            <input id="confirm" name="confirm" type="password" autoComplete="current-password" />
          </Field>
        )}
        <Button type="submit" disabled={isPending}>
          {isSaved ? "Saved" : "Save"}
        </Button>
      </form>
    </Section>
  );
}

function PasswordSection({ user }: { user: User }) {
  const { save, error, isPending, isSaved } = useChange();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    save({ new_password: String(data.get("new")), current_password: String(data.get("current") ?? "") });
    event.currentTarget.reset();
  };
  const about = user.has_password
    ? "A new one signs all your other browsers out."
    : "You have none yet: without one only a link from the server’s machine lets you in, and the server stays on this machine.";
  return (
    <Section title="Password" about={about} error={error}>
      <form className={styles["column"]} onSubmit={submit}>
        {/* For password managers, which keep a password under the name beside it. */}
        <input name="username" autoComplete="username" defaultValue={user.email} hidden />
        {user.has_password && (
          <Field name="current" label="Current password" hint="">
            <input id="current" name="current" type="password" autoComplete="current-password" required />
          </Field>
        )}
        <Field name="new" label="New password" hint="At least 10 characters.">
          <input id="new" name="new" type="password" autoComplete="new-password" minLength={10} required />
        </Field>
        <Button type="submit" tone={user.has_password ? "plain" : "primary"} disabled={isPending}>
          Set the password
        </Button>
        {isSaved && <p role="status">The password is set.</p>}
      </form>
    </Section>
  );
}

function NewWorkspaceSection() {
  const client = useQueryClient();
  const { save, error, isPending } = useSaving(
    (name: string) => makeWorkspace(name),
    (made) => {
      void client.invalidateQueries({ queryKey: ["me"] });
      location.hash = `#/workspaces/${made.slug}`;
    },
  );
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save(String(new FormData(event.currentTarget).get("new-workspace")));
  };
  return (
    <Section
      title="New workspace"
      about="Projects, people, keys and credits of its own; nobody sees from one into another."
      error={error}
    >
      <form className={styles["column"]} onSubmit={submit}>
        <Field name="new-workspace" label="Name of the new workspace" hint="">
          <input id="new-workspace" name="new-workspace" maxLength={100} required />
        </Field>
        <Button type="submit" disabled={isPending}>
          Make the workspace
        </Button>
      </form>
    </Section>
  );
}
