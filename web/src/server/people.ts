/** People, workspaces, keys and credits over HTTP. */
import { ask } from "./ask";

export type Role = "owner" | "member" | "viewer";
export type Scope = "read" | "write" | "train" | "infer" | "admin";
export const ROLES: Role[] = ["owner", "member", "viewer"];
export const SCOPES: Scope[] = ["read", "write", "train", "infer", "admin"];

export interface Me {
  user: { id: string; email: string; name: string; is_server_owner: boolean; has_password: boolean } | null;
  workspaces: { slug: string; name: string; role: Role | "key"; is_first: boolean }[];
}

export interface Workspace {
  slug: string;
  name: string;
  members: number;
  credits: number;
  credits_metered: boolean;
  scopes: Scope[];
}

export interface Member {
  user_id: string;
  email: string;
  name: string;
  role: Role;
  has_joined: boolean;
}

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface Credits {
  balance: number;
  metered: boolean;
  entries: { id: string; change: number; reason: string; note: string; created_at: number }[];
}

interface AuditEntry {
  actor: string;
  who: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
  created_at: number;
}

export interface AccountChange {
  email?: string;
  name?: string;
  new_password?: string;
  current_password?: string;
}

const at = (slug: string, rest = ""): string => `api/workspaces/${encodeURIComponent(slug)}${rest}`;

export const getMe = (): Promise<Me> => ask("api/me");
export const signInByLink = (token: string): Promise<Me> => ask("api/sign-in/link", { token });
export const signInByPassword = (email: string, password: string): Promise<Me> =>
  ask("api/sign-in", { email, password });
export const signOut = (): Promise<void> => ask("api/sign-out", {});
export const changeMe = (change: AccountChange): Promise<Me> => ask("api/me", change, "PATCH");

export const makeWorkspace = (name: string): Promise<Workspace> => ask("api/workspaces", { name });
export const getWorkspace = (slug: string): Promise<Workspace> => ask(at(slug));
export const renameWorkspace = (slug: string, name: string): Promise<Workspace> => ask(at(slug), { name }, "PATCH");

export const getMembers = async (slug: string): Promise<Member[]> =>
  (await ask<{ members: Member[] }>(at(slug, "/members"))).members;
export const invite = (slug: string, email: string, role: Role): Promise<{ member: Member; token: string | null }> =>
  ask(at(slug, "/members"), { email, role });
export const changeRole = (slug: string, userId: string, role: Role): Promise<Member> =>
  ask(at(slug, `/members/${userId}`), { role }, "PATCH");
export const removeMember = (slug: string, userId: string): Promise<void> =>
  ask(at(slug, `/members/${userId}`), undefined, "DELETE");

export const getKeys = async (slug: string): Promise<ApiKey[]> =>
  (await ask<{ keys: ApiKey[] }>(at(slug, "/keys"))).keys;
/** @param days after which it ends; null: never. */
export const makeKey = (
  slug: string,
  name: string,
  scopes: Scope[],
  days: number | null,
): Promise<{ key: string; made: ApiKey }> =>
  ask(at(slug, "/keys"), { name, scopes, expires_at: days === null ? null : Date.now() / 1000 + days * 86_400 });
export const revokeKey = (slug: string, id: string): Promise<ApiKey> =>
  ask(at(slug, `/keys/${id}`), undefined, "DELETE");

export const getCredits = (slug: string): Promise<Credits> => ask(at(slug, "/credits"));
export const grantCredits = (slug: string, credits: number): Promise<Credits> => ask(at(slug, "/credits"), { credits });

export const getWebhookSecret = (slug: string, renew: boolean): Promise<{ secret: string }> =>
  ask(at(slug, "/webhook-secret"), renew ? {} : undefined);
export const getAudit = async (slug: string): Promise<AuditEntry[]> =>
  (await ask<{ entries: AuditEntry[] }>(at(slug, "/audit"))).entries;
