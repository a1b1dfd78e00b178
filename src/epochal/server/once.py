"""`Idempotency-Key`: a request that makes something may be sent again, and makes it once.

    def make(form: …, caller: CanWrite, served: Served, once: Once) -> ThingAnswer:
        with served.database.write() as session:
            if (said := once.begin(session, caller, ThingAnswer)) is not None:
                return said
            …
            return once.end(session, caller, answer)

Without the header nothing is noted.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from epochal.server.callers import Caller
from epochal.workspaces import answered

Answer = TypeVar("Answer", bound=BaseModel)
KEY = "Idempotency-Key"
_DESCRIPTION = (
    "A word of your own for this request, such as a random one. Sent again within 24 hours with the same key and body, "
    "it is answered as the first time and makes nothing more; with another body it is refused with 422."
)


@dataclass(frozen=True)
class Repeatable:
    """A request that makes something, and the key that came with it.

    Attributes:
        key: None: none came.
        sha256: of the address and the body.
    """

    key: str | None
    sha256: str

    def begin(self, session: Session, caller: Caller, kind: type[Answer]) -> Answer | None:
        """What was answered to it before; None when it is new. Raises KeyReused."""
        if self.key is None:
            return None
        said = answered.begin(session, self._of(caller, self.key))
        return None if said is None else kind.model_validate(said)

    def end(self, session: Session, caller: Caller, answer: Answer) -> Answer:
        """Note the answer in the transaction that makes the thing, and give it back."""
        if self.key is not None:
            answered.end(session, self._of(caller, self.key), answer.model_dump(mode="json"))
        return answer

    def _of(self, caller: Caller, key: str) -> answered.KeyedRequest:
        return answered.KeyedRequest(caller.workspace_id, caller.actor, key, self.sha256)


async def _read(
    request: Request,
    key: Annotated[
        str | None, Header(alias=KEY, min_length=1, max_length=200, pattern=r"^[!-~]+$", description=_DESCRIPTION)
    ] = None,
) -> Repeatable:
    address = f"{request.url.path}?{request.url.query}\n".encode()
    return Repeatable(key, hashlib.sha256(address + await request.body()).hexdigest())


Once = Annotated[Repeatable, Depends(_read)]
