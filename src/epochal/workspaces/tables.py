"""The tables of people and what they may do."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from epochal.storage.tables import JsonObject, Table


class WorkspaceRow(Table):
    """A workspace: whose everything is. The first is the owner of the server's."""

    __tablename__ = "workspaces"
    id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    webhook_secret: Mapped[str | None]  # signs what addresses of its users are told; None: never asked for
    created_at: Mapped[float]


class UserRow(Table):
    """A person who signs in."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    is_server_owner: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float]


class MemberRow(Table):
    """A person in a workspace; role is owner, member or viewer."""

    __tablename__ = "members"
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str]
    added_at: Mapped[float]


class SessionRow(Table):
    """A browser that is signed in; its cookie holds the token, this its sha256."""

    __tablename__ = "sessions"
    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[float]
    expires_at: Mapped[float]
    last_used_at: Mapped[float]


class AnsweredRequestRow(Table):
    """What was answered to a request that came with a key of its client, so that it makes nothing a second time."""

    __tablename__ = "answered_requests"
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str]
    answer: Mapped[JsonObject | None]  # None while its transaction runs
    made_at: Mapped[float] = mapped_column(index=True)


class SignInLinkRow(Table):
    """A link that signs one person in, once: the first start's, and invitations."""

    __tablename__ = "sign_in_links"
    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires_at: Mapped[float]
    used_at: Mapped[float | None]


class ApiKeyRow(Table):
    """A key of a workspace: shown once, kept as sha256 (it is random enough that a slow hash adds nothing)."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    key_sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[object]]
    created_at: Mapped[float]
    expires_at: Mapped[float | None]
    last_used_at: Mapped[float | None]
    revoked_at: Mapped[float | None]


class CreditEntryRow(Table):
    """One line of the ledger of training credits; never changed. The balance is the sum of `change`."""

    __tablename__ = "credit_entries"
    __table_args__ = (UniqueConstraint("training_id", "reason"),)  # a training pays once and is refunded once
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    change: Mapped[int]
    reason: Mapped[str]
    note: Mapped[str]
    training_id: Mapped[str | None]
    by_user_id: Mapped[str | None]
    created_at: Mapped[float]


class AuditRow(Table):
    """Who changed what; never changed."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "workspace_id", "created_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[JsonObject]
    created_at: Mapped[float]
