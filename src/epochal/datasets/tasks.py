"""Work that outlives its request, as rows: what is asked, how far it is, what came of it."""

import time
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from epochal.datasets.tables import TaskRow
from epochal.errors import Conflict, NotFound
from epochal.storage.ids import new_id

ENDED = ("completed", "failed")


@dataclass(frozen=True)
class Task:
    """A piece of work.

    Attributes:
        kind: zip, metadata, search_export, clone or model_export.
        state: waiting (for a file to be sent), pending, running, completed or failed.
        done: how many of `total` are done; `total` is None before it is known.
        request: what is asked, by kind.
        result: what came of it, when it is completed.
        message: why it failed, or what was noticed.
    """

    id: str
    workspace_id: str
    project_id: str | None
    kind: str
    state: str
    done: int
    total: int | None
    request: dict[str, Any]
    result: dict[str, Any] | None
    message: str
    created_by: str
    created_at: float
    updated_at: float


def create_task(
    session: Session,
    workspace_id: str,
    kind: str,
    request: dict[str, Any],
    *,
    project_id: str | None = None,
    created_by: str = "",
    waits: bool = False,
) -> Task:
    """Write down work; `waits`: a file has yet to be sent for it."""
    now = time.time()
    row = TaskRow(
        id=new_id(),
        workspace_id=workspace_id,
        project_id=project_id,
        kind=kind,
        state="waiting" if waits else "pending",
        done=0,
        total=None,
        request=request,
        result=None,
        message="",
        created_by=created_by,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return _of(row)


def find_task(session: Session, workspace_id: str, task_id: str, *, kind: str | None = None) -> Task:
    """A task of a workspace, of any kind when None. Raises NotFound."""
    row = session.get(TaskRow, task_id)
    if row is None or row.workspace_id != workspace_id or kind not in {None, row.kind}:
        raise NotFound(f"There is no task {task_id[:60]!r} in this workspace.")
    return _of(row)


def task_by_id(session: Session, task_id: str) -> Task:
    """A task, whosever it is. Raises NotFound."""
    row = session.get(TaskRow, task_id)
    if row is None:
        raise NotFound(f"There is no task {task_id[:60]!r}.")
    return _of(row)


def file_came(session: Session, task_id: str) -> Task:
    """The file that a task waited for is there. Raises NotFound, and Conflict when it did not wait."""
    came = update(TaskRow).where(TaskRow.id == task_id, TaskRow.state == "waiting")
    answer = cast(CursorResult[Any], session.execute(came.values(state="pending", updated_at=time.time())))
    found = task_by_id(session, task_id)
    if not answer.rowcount:
        raise Conflict(f"Task {task_id} is {found.state}; its file came already. Begin a new upload for another.")
    return found


def note_progress(session: Session, task_id: str, done: int, total: int | None) -> None:
    """Say how far a task is; it is running from now on."""
    values = {"state": "running", "done": done, "total": total, "updated_at": time.time()}
    session.execute(update(TaskRow).where(TaskRow.id == task_id, TaskRow.state.not_in(ENDED)).values(**values))


def end_task(
    session: Session, task_id: str, *, result: dict[str, Any] | None = None, failed: bool = False, message: str = ""
) -> None:
    """Say what came of a task; of one that is completed, all is done."""
    state = "failed" if failed else "completed"
    values: dict[str, Any] = {"state": state, "result": result, "message": message, "updated_at": time.time()}
    if not failed:
        values["done"] = func.coalesce(TaskRow.total, TaskRow.done)
    session.execute(update(TaskRow).where(TaskRow.id == task_id).values(**values))


def unfinished_tasks(session: Session) -> list[str]:
    """The ids of all tasks that can go on, the oldest first."""
    query = select(TaskRow.id).where(TaskRow.state.in_(("pending", "running"))).order_by(TaskRow.created_at)
    return list(session.scalars(query))


def unfinished_like(session: Session, workspace_id: str, kind: str, request: dict[str, Any]) -> Task | None:
    """A task of a workspace that is to do exactly this and has not ended; None when there is none."""
    query = select(TaskRow).where(
        TaskRow.workspace_id == workspace_id, TaskRow.kind == kind, TaskRow.state.in_(("pending", "running"))
    )
    return next((_of(row) for row in session.scalars(query) if row.request == request), None)


def _of(row: TaskRow) -> Task:
    return Task(**{name: getattr(row, name) for name in Task.__dataclass_fields__})
