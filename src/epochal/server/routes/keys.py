"""API keys of a workspace."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from epochal.server.answers import Form, RequestForm
from epochal.server.callers import CanAdmin
from epochal.server.services import Served
from epochal.workspaces.audit import record
from epochal.workspaces.keys import create_key, list_keys, revoke_key

router = APIRouter(prefix="/api/workspaces/{workspace}/keys", tags=["workspaces"])
Scope = Literal["read", "write", "train", "infer", "admin"]


class KeyForm(RequestForm):
    """A key to make."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = "key"
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=5)]
    expires_at: Annotated[float, Field(ge=0, le=1e11, description="Seconds since 1970; null: never.")] | None = None


class KeyAnswer(Form):
    """A key, without what it is made of."""

    id: str
    name: str
    prefix: Annotated[str, Field(description="Its first letters.")]
    scopes: list[Scope]
    created_at: float
    expires_at: float | None
    last_used_at: Annotated[float | None, Field(description="To the minute.")]
    revoked_at: float | None


class NewKey(Form):
    """A key that was made; `key` is shown this once."""

    key: str
    made: KeyAnswer


class KeyList(Form):
    """All keys of a workspace, revoked ones too, the newest first."""

    keys: list[KeyAnswer]


@router.get("")
def get_keys(workspace: str, served: Served, caller: CanAdmin) -> KeyList:
    """The keys of a workspace."""
    with served.database.read() as session:
        found = list_keys(session, caller.workspace_id)
    return KeyList(keys=[_answer(key) for key in found])


@router.post("", status_code=201)
def make_key(workspace: str, form: KeyForm, served: Served, caller: CanAdmin) -> NewKey:
    """Make a key. Its text is in this answer and nowhere else."""
    with served.database.write() as session:
        text, key = create_key(
            session, caller.workspace_id, name=form.name, scopes=form.scopes, expires_at=form.expires_at
        )
        record(session, caller.workspace_id, caller.actor, "key.create", key.id, name=key.name, scopes=form.scopes)
    return NewKey(key=text, made=_answer(key))


@router.delete("/{key_id}")
def end_key(workspace: str, key_id: str, served: Served, caller: CanAdmin) -> KeyAnswer:
    """Revoke a key for ever."""
    with served.database.write() as session:
        key = revoke_key(session, caller.workspace_id, key_id)
        record(session, caller.workspace_id, caller.actor, "key.revoke", key.id, name=key.name)
    served.keys.forget_all()
    return _answer(key)


def _answer(key: object) -> KeyAnswer:
    return KeyAnswer.model_validate({name: getattr(key, name) for name in KeyAnswer.model_fields})
