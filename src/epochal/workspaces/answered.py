"""Requests that make something, told apart by a key that the client chose: sent again, they make it once.

    said = begin(session, request)          # in the transaction that makes the thing
    if said is not None: return said        # it was made already; this is what was answered
    …
    end(session, request, answer)

The note is part of that transaction: when the thing is not made, the key is free again. Of two at once the second waits
for the first and gets its answer.
"""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from epochal.errors import KeyReused
from epochal.storage.inserting import insert_new
from epochal.workspaces.tables import AnsweredRequestRow

KEPT_S = 24 * 3600.0


@dataclass(frozen=True)
class KeyedRequest:
    """A request with a key of its client.

    Attributes:
        workspace_id: in which something is made.
        actor: who asks, such as `key:ID`; keys of different people never meet.
        key: that the client chose.
        sha256: of the address and the body; the same key stands for the same request alone.
    """

    workspace_id: str
    actor: str
    key: str
    sha256: str


def begin(session: Session, request: KeyedRequest, *, now: float | None = None) -> Any:
    """What was answered to this request, or None when it is new; then the key is taken in this transaction.

    Args:
        session: that writes.
        request: what came.
        now: seconds since 1970; the clock's when None.

    Raises:
        KeyReused: the key came with another request in the last 24 hours.
    """
    now = time.time() if now is None else now
    mine = _is_of(request)
    session.execute(delete(AnsweredRequestRow).where(*mine, AnsweredRequestRow.made_at <= now - KEPT_S))
    row = {
        "workspace_id": request.workspace_id, "actor": request.actor, "key": request.key,
        "request_sha256": request.sha256, "answer": None, "made_at": now,
    }  # fmt: skip
    if insert_new(session, AnsweredRequestRow, [row]):
        return None
    known = session.execute(select(AnsweredRequestRow.request_sha256, AnsweredRequestRow.answer).where(*mine)).one()
    if known.request_sha256 != request.sha256:
        raise KeyReused(
            f"The Idempotency-Key {request.key!r} came with another request within 24 hours; expected the same address "
            "and body with it. Choose another key for another request."
        )
    return known.answer


def end(session: Session, request: KeyedRequest, answer: Any) -> None:
    """Note what is answered, in the transaction that `begin` was called in; `answer` is fit for JSON."""
    session.execute(update(AnsweredRequestRow).where(*_is_of(request)).values(answer=answer))


def _is_of(request: KeyedRequest) -> tuple[Any, ...]:
    row = AnsweredRequestRow
    return row.workspace_id == request.workspace_id, row.actor == request.actor, row.key == request.key
