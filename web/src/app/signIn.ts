import { signInByLink } from "../server/people";

/** A sign-in link, as it stands behind #: its token, and the page to go to. */
interface SignInLink {
  token: string;
  then: string;
}

/** The link that an address holds; null for all other addresses. */
export function signInLinkOf(hash: string): SignInLink | null {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const params = new URLSearchParams(query);
  const token = params.get("token");
  if (path !== "/sign-in" || !token) return null;
  const then = params.get("then") ?? "";
  return { token, then: /^\/(?!\/)/.test(then) ? then : "/" };
}

const used = new Map<string, Promise<unknown>>();

/** Signs in with a link, once, however often the page is drawn meanwhile. */
export function spendLink(token: string): Promise<unknown> {
  const before = used.get(token);
  if (before) return before;
  const now = signInByLink(token);
  used.set(token, now);
  return now;
}
