"""Who asks, and may they? Routes say what they need: `CanRead`, `CanWrite`, `CanTrain`, `CanInfer`, `CanAdmin`.

    Authorization: Bearer KEY      everywhere
    ?api_key=KEY                   on the Roboflow surface; in the JSON body of its inference routes too

A route with `{workspace}` in its path is asked for that workspace: for somebody else it is not there (404). A route
without it is about the caller's own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from epochal.errors import NotAllowed, NotFound, NotSignedIn
from epochal.server.roboflow.routing import RoboflowRoute
from epochal.server.services import Served, Services
from epochal.workspaces.keys import KnownKey
from epochal.workspaces.workspaces import no_workspace

_KEY_IN_BODY = ("/infer/", "/model/")


@dataclass(frozen=True)
class Caller:
    """Somebody known, in one workspace.

    Attributes:
        workspace_id: whose things are asked for.
        workspace_slug: its word in addresses.
        actor: `user:ID` or `key:ID`, for the audit and for "made by".
        user_id: None for a key.
        scopes: what is allowed here.
    """

    workspace_id: str
    workspace_slug: str
    actor: str
    user_id: str | None
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raise NotAllowed without the scope."""
        if scope not in self.scopes:
            has = ", ".join(sorted(self.scopes)) or "nothing"
            raise NotAllowed(f"This needs the scope {scope!r}; what you came with allows {has} in this workspace.")


async def find_caller(request: Request, served: Served) -> Caller:
    """The caller of a request, in the workspace that its path names, else in the caller's own.

    Raises:
        NotSignedIn: nobody known.
        NotFound: the workspace is not the caller's, or is not there.
    """
    text = await _given_key(request)
    if text is None:
        raise NotSignedIn(
            "This needs an API key: send it as `Authorization: Bearer KEY`. `epochal key create` makes one."
        )
    known = served.keys.recall(text) or await run_in_threadpool(served.keys.check, text)
    if known is None:
        raise NotSignedIn("This API key is mistyped, unknown, revoked or has ended; `epochal key create` makes one.")
    return _caller_of_key(request, known)


def _caller_of_key(request: Request, known: KnownKey) -> Caller:
    asked = request.path_params.get("workspace", known.workspace_slug)
    if asked != known.workspace_slug:
        raise NotFound(no_workspace(asked))
    return Caller(known.workspace_id, known.workspace_slug, f"key:{known.id}", None, known.scopes)


async def _given_key(request: Request) -> str | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    if not isinstance(request.scope.get("route"), RoboflowRoute):
        return None  # a key in an address ends up in histories and logs
    return request.query_params.get("api_key") or await _key_in_body(request)


async def _key_in_body(request: Request) -> str | None:
    is_json = request.headers.get("content-type", "").startswith("application/json")
    if request.method != "POST" or not is_json or not request.url.path.startswith(_KEY_IN_BODY):
        return None
    try:
        body = await request.json()
    except ValueError:
        return None
    key = body.get("api_key") if isinstance(body, dict) else None
    return key if isinstance(key, str) else None


Known = Annotated[Caller, Depends(find_caller)]
"""Any caller, whatever the scopes."""


def _need(scope: str) -> Callable[[Caller], Awaitable[Caller]]:
    async def caller_with_scope(caller: Known) -> Caller:
        caller.require(scope)
        return caller

    return caller_with_scope


CanRead = Annotated[Caller, Depends(_need("read"))]
CanWrite = Annotated[Caller, Depends(_need("write"))]
CanTrain = Annotated[Caller, Depends(_need("train"))]
CanInfer = Annotated[Caller, Depends(_need("infer"))]
CanAdmin = Annotated[Caller, Depends(_need("admin"))]

__all__ = ["Caller", "CanAdmin", "CanInfer", "CanRead", "CanTrain", "CanWrite", "Known", "Services", "find_caller"]
