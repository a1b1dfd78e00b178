"""The trash of a workspace: all that lies in it, of every kind, and out of it again."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from epochal.jobs.trash_list import TrashKind, list_trash, restore_items
from epochal.server.answers import Form, RequestForm
from epochal.server.callers import CanRead, CanWrite
from epochal.server.services import Served

router = APIRouter(prefix="/api/workspaces/{workspace}/trash", tags=["projects"])


class TrashedThing(Form):
    """Something in the trash."""

    kind: TrashKind
    id: str
    name: str
    project: Annotated[str | None, Field(description="Slug of its project; null: it is one, or a model of none.")]
    about: Annotated[str, Field(description="Further words; may be empty.")]
    deleted_at: float
    goes_at: Annotated[float | None, Field(description="Removed for good from then on; null: kept, `about` says why.")]


class TrashContents(Form):
    """Things of one kind in the trash, the one deleted last first, and how many there are of every kind."""

    items: list[TrashedThing]
    counts: dict[TrashKind, int]


class Restoring(RequestForm):
    """What to take out of the trash."""

    kind: TrashKind
    ids: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=1000)]


class Restored(Form):
    """How many came out."""

    restored: int


@router.get("")
def list_trashed(
    workspace: str,
    caller: CanRead,
    served: Served,
    kind: TrashKind = "project",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> TrashContents:
    """What of one kind is in the trash, and when it goes for good."""
    with served.database.read() as session:
        return TrashContents.model_validate(list_trash(session, caller.workspace_id, kind, limit=limit, offset=offset))


@router.post("/restore")
def restore_trashed(workspace: str, form: Restoring, caller: CanWrite, served: Served) -> Restored:
    """Take things of one kind out of the trash: all of them or, when one is not there any more, none."""
    with served.database.write() as session:
        return Restored(restored=restore_items(session, caller.workspace_id, form.kind, form.ids))
