"""Workspaces: their people, credits and audit."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy.orm import Session

from epochal.jobs.webhooks import webhook_secret
from epochal.server.answers import Form, RequestForm
from epochal.server.callers import CanAdmin, CanRead, ServerOwner
from epochal.server.once import Once
from epochal.server.services import Served
from epochal.workspaces.audit import list_audit, name_actors, record
from epochal.workspaces.credits import MAX_GRANT, balance, grant, is_metered, ledger
from epochal.workspaces.members import change_role, count_members, invite, list_members, remove_member
from epochal.workspaces.workspaces import create_workspace, find_workspace, rename_workspace

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"])
Role = Literal["owner", "member", "viewer"]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class NewWorkspace(RequestForm):
    """A workspace to make; the slug, its word in addresses, is made from the name when it is null."""

    name: Name
    slug: Annotated[str, Field(max_length=60)] | None = None


class WorkspaceName(RequestForm):
    """What a workspace is called from now on."""

    name: Name


class WorkspaceAnswer(Form):
    """A workspace, as the asker may see it."""

    slug: str
    name: str
    created_at: float
    members: int
    credits: Annotated[int, Field(description="Training credits that are left.")]
    credits_metered: Annotated[bool, Field(description="False: trainings are free.")]
    scopes: Annotated[list[str], Field(description="What the asker may do here.")]


class MemberAnswer(Form):
    """A person in a workspace; `has_joined` is false while an invitation waits."""

    user_id: str
    email: str
    name: str
    role: Role
    added_at: float
    has_joined: bool


class MemberList(Form):
    """The people of a workspace, the first one first."""

    members: list[MemberAnswer]


class Invitation(RequestForm):
    """Whom to put into a workspace, as what."""

    email: Annotated[str, Field(min_length=3, max_length=300)]
    role: Role = "member"


class Invited(Form):
    """The member; `token` signs them in once (`/#/sign-in?token=…`), null for somebody who has an account already."""

    member: MemberAnswer
    token: str | None


class RoleForm(RequestForm):
    """What somebody is from now on."""

    role: Role


class CreditEntryAnswer(Form):
    """One line of the ledger."""

    id: str
    change: int
    reason: str
    note: str
    training_id: str | None
    by_user_id: str | None
    created_at: float


class CreditsAnswer(Form):
    """What is left, and the last lines of the ledger, the newest first."""

    balance: int
    metered: bool
    entries: list[CreditEntryAnswer]


class GrantForm(RequestForm):
    """Credits to add, and why."""

    credits: Annotated[int, Field(ge=1, le=MAX_GRANT)]
    note: Annotated[str, Field(max_length=200)] = ""


class WebhookSecret(Form):
    """What the messages to webhooks of a workspace are signed with."""

    secret: str


class AuditEntryAnswer(Form):
    """Who changed what."""

    actor: Annotated[str, Field(description="`user:ID`, `key:ID` or `command-line`.")]
    who: Annotated[str, Field(description="The actor as people call them.")]
    action: str
    subject: str
    details: dict[str, Any]
    created_at: float


class AuditList(Form):
    """The last changes, the newest first."""

    entries: list[AuditEntryAnswer]


@router.post("", status_code=201)
def make_workspace(form: NewWorkspace, served: Served, person: ServerOwner) -> WorkspaceAnswer:
    """Make a workspace; its owner is who asks, who must own the server. It starts with three training credits."""
    with served.database.write() as session:
        made = create_workspace(session, form.name, slug=form.slug, owner_id=person.user_id)
        record(session, made.id, f"user:{person.user_id}", "workspace.create", made.slug, name=made.name)
    served.keys.forget_all()
    return _workspace(served, made.slug, frozenset({"admin", "infer", "read", "train", "write"}))


@router.get("/{workspace}")
def get_workspace(workspace: str, served: Served, caller: CanRead) -> WorkspaceAnswer:
    """One workspace."""
    return _workspace(served, caller.workspace_slug, caller.scopes)


@router.patch("/{workspace}")
def change_workspace(workspace: str, form: WorkspaceName, served: Served, caller: CanAdmin) -> WorkspaceAnswer:
    """Call a workspace otherwise; its slug stays."""
    with served.database.write() as session:
        rename_workspace(session, caller.workspace_id, form.name)
        record(session, caller.workspace_id, caller.actor, "workspace.rename", workspace, name=form.name)
    return _workspace(served, caller.workspace_slug, caller.scopes)


@router.get("/{workspace}/members")
def get_members(workspace: str, served: Served, caller: CanRead) -> MemberList:
    """The people of a workspace."""
    with served.database.read() as session:
        found = list_members(session, caller.workspace_id)
    return MemberList(members=[MemberAnswer.model_validate(one) for one in found])


@router.post("/{workspace}/members", status_code=201)
def invite_member(workspace: str, form: Invitation, served: Served, caller: CanAdmin) -> Invited:
    """Put somebody into a workspace; who has no account gets one, and a link to sign in with."""
    with served.database.write() as session:
        member, token = invite(session, caller.workspace_id, form.email, form.role)
        record(session, caller.workspace_id, caller.actor, "member.invite", member.user_id, role=form.role)
    served.keys.forget_all()
    return Invited(member=MemberAnswer.model_validate(member), token=token)


@router.patch("/{workspace}/members/{user_id}")
def change_member(workspace: str, user_id: str, form: RoleForm, served: Served, caller: CanAdmin) -> MemberAnswer:
    """Give a member another role; a workspace keeps an owner."""
    with served.database.write() as session:
        member = change_role(session, caller.workspace_id, user_id, form.role)
        record(session, caller.workspace_id, caller.actor, "member.role", user_id, role=form.role)
    served.keys.forget_all()
    return MemberAnswer.model_validate(member)


@router.delete("/{workspace}/members/{user_id}", status_code=204)
def delete_member(workspace: str, user_id: str, served: Served, caller: CanAdmin) -> Response:
    """Take somebody out of a workspace; what they made stays, and it keeps an owner."""
    with served.database.write() as session:
        remove_member(session, caller.workspace_id, user_id)
        record(session, caller.workspace_id, caller.actor, "member.remove", user_id)
    served.keys.forget_all()
    return Response(status_code=204)


@router.get("/{workspace}/credits")
def get_credits(workspace: str, served: Served, caller: CanRead) -> CreditsAnswer:
    """Training credits that are left, and why they changed."""
    with served.database.read() as session:
        return _credits(session, caller.workspace_id)


def _credits(session: Session, workspace_id: str) -> CreditsAnswer:
    entries = [CreditEntryAnswer.model_validate(asdict(line)) for line in ledger(session, workspace_id)]
    return CreditsAnswer(balance=balance(session, workspace_id), metered=is_metered(), entries=entries)


@router.post("/{workspace}/credits", status_code=201)
def grant_credits(workspace: str, form: GrantForm, served: Served, caller: CanAdmin, once: Once) -> CreditsAnswer:
    """Add training credits."""
    with served.database.write() as session:
        if (said := once.begin(session, caller, CreditsAnswer)) is not None:
            return said
        grant(session, caller.workspace_id, form.credits, note=form.note, by_user_id=caller.user_id)
        record(session, caller.workspace_id, caller.actor, "credits.grant", workspace, credits=form.credits)
        session.flush()
        return once.end(session, caller, _credits(session, caller.workspace_id))


@router.get("/{workspace}/webhook-secret")
def get_webhook_secret(workspace: str, served: Served, caller: CanAdmin) -> WebhookSecret:
    """What messages to `webhook_url` are signed with; made when it is first asked for."""
    with served.database.write() as session:
        return WebhookSecret(secret=webhook_secret(session, caller.workspace_id))


@router.post("/{workspace}/webhook-secret")
def renew_webhook_secret(workspace: str, served: Served, caller: CanAdmin) -> WebhookSecret:
    """Make another secret; messages are signed with it from now on."""
    with served.database.write() as session:
        secret = webhook_secret(session, caller.workspace_id, renew=True)
        record(session, caller.workspace_id, caller.actor, "webhook_secret.renew", workspace)
    return WebhookSecret(secret=secret)


@router.get("/{workspace}/audit")
def get_audit(workspace: str, served: Served, caller: CanAdmin) -> AuditList:
    """Who changed what in a workspace: people, keys, credits."""
    with served.database.read() as session:
        lines = list_audit(session, caller.workspace_id)
        names = name_actors(session, (line.actor for line in lines))
    entries = [AuditEntryAnswer.model_validate({**asdict(line), "who": names[line.actor]}) for line in lines]
    return AuditList(entries=entries)


def _workspace(served: Served, slug: str, scopes: frozenset[str]) -> WorkspaceAnswer:
    with served.database.read() as session:
        found = find_workspace(session, slug)
        return WorkspaceAnswer(
            slug=found.slug,
            name=found.name,
            created_at=found.created_at,
            members=count_members(session, found.id),
            credits=balance(session, found.id),
            credits_metered=is_metered(),
            scopes=sorted(scopes),
        )
