/** How to get in: with e-mail address and password, or with the link that the server prints. */
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import type { Me } from "../server/people";
import { signInByPassword } from "../server/people";
import { Field } from "../training/Field";
import { Button, Card } from "../ui/controls";
import { Notice } from "../ui/Notice";
import styles from "./SignInPage.module.css";

export function SignInPage({ problem, onSignedIn }: { problem: string | null; onSignedIn: (me: Me) => void }) {
  const signIn = useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) => signInByPassword(email, password),
    onSuccess: onSignedIn,
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    signIn.mutate({ email: String(data.get("email")), password: String(data.get("password")) });
  };
  const error = signIn.error?.message ?? problem;
  return (
    <main className={styles["page"]}>
      <h1>Sign in to Epochal</h1>
      <Card label="Sign in">
        <form className={styles["form"]} onSubmit={submit}>
          <Field name="email" label="E-mail address" hint="">
            <input id="email" name="email" type="email" autoComplete="username" required />
          </Field>
          <Field name="password" label="Password" hint="">
            <input id="password" name="password" type="password" autoComplete="current-password" required />
          </Field>
          {error && <Notice tone="bad" title={error} />}
          <Button type="submit" tone="primary" disabled={signIn.isPending}>
            {signIn.isPending ? "Signing in…" : "Sign in"}
          </Button>
        </form>
      </Card>
      <p className={styles["help"]}>
        No password yet? Each start of <code>epochal serve</code> prints a link that signs the owner in;{" "}
        <code>epochal workspace link</code>, on the server’s machine, prints one at any time. Others get theirs from
        whoever invited them.
      </p>
    </main>
  );
}
