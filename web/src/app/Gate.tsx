/** Lets in who is signed in; shows the others how to. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { ApiError, SIGNED_OUT } from "../server/ask";
import type { Me } from "../server/people";
import { getMe } from "../server/people";
import { SignInPage } from "../workspaces/SignInPage";
import { signInLinkOf, spendLink } from "./signIn";

export function Gate({ children }: { children: (me: Me | undefined) => ReactNode }) {
  const client = useQueryClient();
  const linkError = useLink(() => client.resetQueries());
  const me = useQuery({ queryKey: ["me"], queryFn: getMe, enabled: linkError !== "pending", staleTime: 60_000 });
  useEffect(() => {
    // Asked once more, unless it is this very question that was refused.
    const look = (): void => {
      if (client.getQueryState(["me"])?.fetchStatus === "idle" && client.getQueryData(["me"]))
        void client.resetQueries({ queryKey: ["me"] });
    };
    addEventListener(SIGNED_OUT, look);
    return () => removeEventListener(SIGNED_OUT, look);
  }, [client]);
  if (me.isPending || linkError === "pending") return <main aria-busy="true" />;
  if (me.error instanceof ApiError && me.error.status === 401)
    return <SignInPage problem={linkError} onSignedIn={(who) => client.setQueryData(["me"], who)} />;
  // The server is away: the page says so itself, and goes on when it is back.
  return children(me.data);
}

/**
 * Spends the link of the address, also one that is put into a tab which is already open: only what stands behind the #
 * changes then. "pending" until it is spent; then null, or why it could not be.
 */
function useLink(onSpent: () => Promise<unknown>): string | null {
  const [link, setLink] = useState(() => signInLinkOf(location.hash));
  const [state, setState] = useState<string | null>(link ? "pending" : null);
  const spent = useRef(onSpent);
  useEffect(() => {
    const look = (): void => {
      const next = signInLinkOf(location.hash);
      if (!next) return;
      setLink(next);
      setState("pending");
    };
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  useEffect(() => {
    if (!link) return;
    const leave = (): void => location.replace(`#${link.then}`);
    spendLink(link.token)
      .then(() => spent.current())
      .then(
        () => {
          leave();
          setState(null);
        },
        (error: unknown) => {
          leave();
          setState(error instanceof Error ? error.message : String(error));
        },
      );
  }, [link]);
  return state;
}
