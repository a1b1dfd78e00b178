/** The people of a workspace; an owner invites, changes roles and takes people out. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import type { Member, Role } from "../server/people";
import { changeRole, getMembers, invite, removeMember, ROLES } from "../server/people";
import { Field } from "../training/Field";
import { Button } from "../ui/controls";
import { StackingTable } from "../ui/StackingTable";
import { Section, ShownOnce } from "./Section";
import shared from "../ui/shared.module.css";
import styles from "./tables.module.css";

const ABOUT = "Owners manage people, keys and credits; members work; viewers look.";

export function MembersSection({ slug, canManage }: { slug: string; canManage: boolean }) {
  const client = useQueryClient();
  const key = ["workspace", slug, "members"];
  const members = useQuery({ queryKey: key, queryFn: () => getMembers(slug) });
  const again = (): void => void client.invalidateQueries({ queryKey: key });
  const role = useMutation({
    mutationFn: ({ id, to }: { id: string; to: Role }) => changeRole(slug, id, to),
    onSettled: again,
  });
  const remove = useMutation({ mutationFn: (id: string) => removeMember(slug, id), onSettled: again });
  const asked = useMutation({
    mutationFn: ({ email, as }: Invited) => invite(slug, email, as),
    onSuccess: again,
  });
  return (
    <Section title="People" about={ABOUT} error={members.error ?? role.error ?? remove.error ?? asked.error}>
      <StackingTable
        caption="People of this workspace"
        rowTestId="member"
        columns={["Name", "E-mail address", "Role", ...(canManage ? [{ title: "Take out", isHidden: true }] : [])]}
        rows={(members.data ?? []).map((member) => ({
          key: member.user_id,
          cells: cellsOf({
            member,
            canManage,
            onRole: (to) => role.mutate({ id: member.user_id, to }),
            onRemove: () => remove.mutate(member.user_id),
          }),
        }))}
      />
      {canManage && (
        <InviteForm isPending={asked.isPending} onInvite={(whom, onSuccess) => asked.mutate(whom, { onSuccess })} />
      )}
      {asked.data?.token && (
        <ShownOnce
          label={`A link for ${asked.data.member.email}`}
          text={`${location.origin}${location.pathname}#/sign-in?token=${asked.data.token}`}
          about="It signs them in once, within two weeks, and is not shown again. Send it yourself."
        />
      )}
      {asked.data && !asked.data.token && (
        <p role="status">{asked.data.member.email} has an account here already and signs in as ever.</p>
      )}
    </Section>
  );
}

interface RowProps {
  member: Member;
  canManage: boolean;
  onRole: (role: Role) => void;
  onRemove: () => void;
}

function cellsOf({ member, canManage, onRole, onRemove }: RowProps): ReactNode[] {
  const name = (
    <span key="name">
      {member.name}
      {!member.has_joined && <span className={styles["quiet"]}> · invited</span>}
    </span>
  );
  if (!canManage) return [name, member.email, member.role];
  return [
    name,
    member.email,
    <select
      key="role"
      className={shared["choose"]}
      aria-label={`Role of ${member.email}`}
      value={member.role}
      onChange={(event) => onRole(event.target.value as Role)}
    >
      {ROLES.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>,
    <Button key="out" tone="danger" onClick={onRemove} aria-label={`Take ${member.email} out`}>
      Take out
    </Button>,
  ];
}

interface Invited {
  email: string;
  as: Role;
}

interface InviteFormProps {
  isPending: boolean;
  onInvite: (whom: Invited, onSuccess: () => void) => void;
}

function InviteForm({ isPending, onInvite }: InviteFormProps) {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    onInvite({ email: String(data.get("invited")), as: data.get("role") as Role }, () => form.reset());
  };
  return (
    <form className={styles["form"]} onSubmit={submit}>
      <Field name="invited" label="Invite" hint="">
        <input id="invited" name="invited" type="email" placeholder="ada@example.org" required />
      </Field>
      <Field name="role" label="As" hint="">
        <select id="role" name="role" defaultValue="member">
          {ROLES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </Field>
      <Button type="submit" tone="primary" disabled={isPending}>
        Invite
      </Button>
    </form>
  );
}
