"""Who asks, and may they? Routes say what they need: `CanRead`, `CanWrite`, `CanTrain`, `CanInfer`, `CanAdmin`.

    Authorization: Bearer KEY      everywhere
    ?api_key=KEY                   on the Roboflow surface; in the JSON body of its inference routes too
    a session's cookie             on the native API, for the web app

A route with `{workspace}` in its path is asked for that workspace: for somebody else it is not there (404). A native
route without it is about the data folder, which is the server's first workspace's; one of the Roboflow surface is about
the key's own. `Known` is anybody known, in a workspace of theirs, `InfersSomewhere` somebody who may infer in one;
`SomeOne` is a person, `ServerOwner` the owner.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from epochal.errors import NotAllowed, NotFound, NotSignedIn
from epochal.jobs.run_owners import owner_of_run
from epochal.server.guard import is_loopback
from epochal.server.roboflow.routing import RoboflowRoute
from epochal.server.services import Served, Services, services_of
from epochal.workspaces.keys import KnownKey
from epochal.workspaces.scopes import SCOPES_OF_ROLE
from epochal.workspaces.signing_in import SignedIn
from epochal.workspaces.workspaces import no_workspace

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_CALLER = "epochal.caller"  # where a request keeps who asks: a route and its router may each need something of them
_OTHER_NETS = (
    r"clip|gaze|doctr|easy_ocr|ocr|sam2|sam3|sam3_3d|yolo_world|perception_encoder"  # none here: so it is told
)
_KEY_IN_BODY = re.compile(rf"^/+(serverless/+)?(infer|model|{_OTHER_NETS})/|/workflows/")


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


Asker = KnownKey | SignedIn


async def _find_asker(request: Request, served: Served) -> Asker:
    """The key or session of a request.

    Raises:
        NotSignedIn: nobody known.
        TooMany: the key or session asks too often.
    """
    text = await _given_key(request)
    if text is not None:
        known = served.keys.recall(text) or await run_in_threadpool(served.keys.check, text)
        if known is None:
            raise NotSignedIn(
                "This API key is mistyped, unknown, revoked or has ended; `epochal key create` makes one."
            )
        served.rates.take(known.id)
        return known
    token = request.cookies.get(served.cookie.name)
    if token is None or _is_roboflow(request):
        raise NotSignedIn(
            "This needs somebody who is signed in, or an API key, sent as `Authorization: Bearer KEY`; "
            "`epochal key create` makes one."
        )
    signed_in = served.keys.recall_session(token) or await run_in_threadpool(served.keys.check_session, token)
    if signed_in is None:
        raise NotSignedIn("Your session has ended; sign in again.")
    served.rates.take(signed_in.user_id)
    return signed_in


async def find_caller(request: Request, served: Served) -> Caller:
    """The caller of a request, in the workspace that its path names, else in one of the caller's own.

    Raises:
        NotSignedIn: nobody known.
        NotFound: the workspace is not the caller's, or is not there.
    """
    return _caller_in(await _find_asker(request, served), request.path_params.get("workspace"))


async def find_caller_or_nobody(request: Request, served: Served) -> Caller | None:
    """As `find_caller`; None for somebody without a key or session.

    Raises:
        NotSignedIn: a key that is not good.
        NotFound: the workspace is not the caller's, or is not there.
        TooMany: the network address asks too often.
    """
    if await _given_key(request) is None:
        served.rates.take(f"address {request.client.host if request.client else ''}")
        return None
    return await find_caller(request, served)


async def _find_caller_here(request: Request, served: Served) -> Caller:
    """As `find_caller`; a native route without a workspace in its path is about that of its run, else the first."""
    slug = request.path_params.get("workspace")
    asker = await _find_asker(request, served)
    if slug is None and not _is_roboflow(request):
        slug = await run_in_threadpool(_workspace_of_run, served, request.path_params.get("run_id"))
    return _caller_in(asker, slug)


def caller_of_run(asker: Asker, served: Services, run_id: str) -> Caller:
    """The asker in the workspace whose run it is. Raises NotFound when that is not one of the asker's."""
    return _caller_in(asker, _workspace_of_run(served, run_id))


def _workspace_of_run(served: Services, run_id: str | None) -> str:
    if run_id is None:
        return served.first_workspace
    with served.database.read() as session:
        return owner_of_run(session, run_id) or served.first_workspace


def _caller_in(asker: Asker, slug: str | None) -> Caller:
    if isinstance(asker, KnownKey):
        if slug not in {None, asker.workspace_slug}:
            raise NotFound(no_workspace(str(slug)))
        return Caller(asker.workspace_id, asker.workspace_slug, f"key:{asker.id}", None, asker.scopes)
    for workspace_id, own_slug, role in asker.workspaces:
        if slug in {None, own_slug}:
            scopes = SCOPES_OF_ROLE[role]
            return Caller(workspace_id, own_slug, f"user:{asker.user_id}", asker.user_id, scopes)
    raise NotFound(no_workspace(slug or ""))


def _is_roboflow(request: Request) -> bool:
    return isinstance(request.scope.get("route"), RoboflowRoute)


async def _given_key(request: Request) -> str | None:
    if _is_roboflow(request) and (key := request.query_params.get("api_key")):
        return key
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    # On the native API a key never stands in an address, where histories and logs keep it.
    return await _key_in_body(request) if _is_roboflow(request) else None


async def _key_in_body(request: Request) -> str | None:
    is_json = request.headers.get("content-type", "").startswith("application/json")
    if request.method != "POST" or not is_json or not _KEY_IN_BODY.search(request.url.path):
        return None
    try:
        body = await request.json()
    except ValueError:
        return None
    key = body.get("api_key") if isinstance(body, dict) else None
    return key if isinstance(key, str) else None


async def _find_person(request: Request, served: Served) -> SignedIn:
    asker = await _find_asker(request, served)
    if isinstance(asker, KnownKey):
        raise NotAllowed("This is for a person who is signed in, not for an API key.")
    return asker


async def _find_server_owner(person: Annotated[SignedIn, Depends(_find_person)]) -> SignedIn:
    if not person.is_server_owner:
        raise NotAllowed("Only the owner of this server may do this.")
    return person


def _need(scope: str) -> Callable[[Request], Awaitable[Caller]]:
    async def caller_with_scope(request: Request) -> Caller:
        # A call, not a dependency of its own: FastAPI takes longer to resolve those than a key is looked up.
        caller = request.scope.get(_CALLER)
        if not isinstance(caller, Caller):
            caller = request.scope[_CALLER] = await _find_caller_here(request, services_of(request))
        caller.require(scope)
        return caller

    return caller_with_scope


async def _find_inferring(request: Request, served: Served) -> Caller:
    """Somebody who may infer in a workspace of theirs, whichever it is: of a person of several, one that allows it."""
    asker = await _find_asker(request, served)
    callers = [_caller_in(asker, None)]
    if isinstance(asker, SignedIn):
        callers = [_caller_in(asker, slug) for _, slug, _ in asker.workspaces] or callers
    found = next((caller for caller in callers if "infer" in caller.scopes), callers[0])
    found.require("infer")
    return found


async def _may_read_unless_here(request: Request, served: Served) -> None:
    peer = request.client.host if request.client else ""
    # What a proxy of this machine passes on comes from elsewhere.
    if not is_loopback(peer) or any(name in request.headers for name in _PASSED_ON):
        (await _find_caller_here(request, served)).require("read")


_can_read = _need("read")
NEEDS_READ_UNLESS_HERE = Depends(_may_read_unless_here)
"""For what programs of this machine itself may ask without a key."""
NEEDS_READ = Depends(_can_read)
"""For a router all of whose routes are for readers."""
Known = Annotated[Caller, Depends(find_caller)]
KnownOrNobody = Annotated[Caller | None, Depends(find_caller_or_nobody)]
KeyOrPerson = Annotated[Asker, Depends(_find_asker)]
SomeOne = Annotated[SignedIn, Depends(_find_person)]
ServerOwner = Annotated[SignedIn, Depends(_find_server_owner)]
CanRead = Annotated[Caller, Depends(_can_read)]
CanWrite = Annotated[Caller, Depends(_need("write"))]
CanTrain = Annotated[Caller, Depends(_need("train"))]
CanInfer = Annotated[Caller, Depends(_need("infer"))]
InfersSomewhere = Annotated[Caller, Depends(_find_inferring)]
CanAdmin = Annotated[Caller, Depends(_need("admin"))]
