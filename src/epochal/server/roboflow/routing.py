"""How a route of the Roboflow surface differs from ours: its errors have another shape, and it is not described.

router = roboflow_router()      in every file of this package, instead of APIRouter()
router.route_class = TrashRoute where the packages read `error` as a text
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from epochal.errors import BadInput, EpochalError
from epochal.server.errors import answer_parts
from epochal.server.page_links import is_for_a_page, page_of

_HINTS = {
    401: "Make a key with `epochal key create`, or on the workspace's page.",
    402: "An owner grants credits on the workspace's page, or with `epochal credits grant`.",
    403: "Ask with a key that has the scope, or have an owner give you one.",
    404: "Look at the workspace's page for the names that there are.",
    429: "Wait as long as Retry-After says.",
}
_OURS = {"api", "assets"}
_SLASHES = re.compile("/+")


class RoboflowRoute(APIRoute):
    """A route at the root whose errors are `{"error": {"message", "type", "hint"}, "message"}`."""

    error_is_text = False

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Never for an address of ours, which the first variable parts of a path would take too.

        Those are the native API, the web app at the root (a client's `GET /` has its key with it), the app's files,
        which have a dot in their first word, as no slug has, and what a client printed when a browser asks for it.
        A slash too many means nothing: clients whose address was given one at its end send two.
        """
        path: str = scope.get("path", "")
        if "//" in path or (path.endswith("/") and path != "/"):
            path = _SLASHES.sub("/", path).rstrip("/") or "/"
            scope = {**scope, "path": path}
        first_word = path.split("/")[1]
        if (path == "/" and _has_no_key(scope)) or first_word in _OURS or "." in first_word:
            return Match.NONE, {}
        if is_for_a_page(scope) and page_of(path) is not None:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, with errors in the shape that the packages read."""
        handle = super().get_route_handler()

        async def handle_or_tell(request: Request) -> Response:
            try:
                return await handle(request)
            except (EpochalError, RequestValidationError, HTTPException) as error:
                return roboflow_error(request, error, is_text=self.error_is_text)
            except UnicodeEncodeError:  # JSON can say half a surrogate pair, which no database or file takes
                problem = BadInput("The request has a text that is no Unicode (half a surrogate pair); mend that text.")
                return roboflow_error(request, problem, is_text=self.error_is_text)

        return handle_or_tell


class TrashRoute(RoboflowRoute):
    """A route whose readers take `error` for a text: what is put into the trash and taken out of it."""

    error_is_text = True


def _has_no_key(scope: Scope) -> bool:
    if scope.get("method") not in {"GET", "HEAD"} or b"api_key=" in scope.get("query_string", b""):
        return False
    return all(name != b"authorization" for name, _ in scope.get("headers", ()))


def roboflow_router() -> APIRouter:
    """An empty router of this surface; paths are given whole, from the root."""
    return APIRouter(route_class=RoboflowRoute, include_in_schema=False)


def roboflow_error(request: Request, error: Exception, *, is_text: bool = False) -> JSONResponse:
    """An error as the `roboflow` and `inference-sdk` packages read it, each at another place.

    Args:
        request: what was asked.
        error: what the route raised.
        is_text: `error` is the message alone, where a package prints it as it is.
    """
    status, code, message, headers = answer_parts(request, error)
    hint = "" if status == 429 and "Retry-After" not in (headers or {}) else _HINTS.get(status, "")
    told = {"message": message, "type": code, "hint": hint}
    content = {"error": message, **told} if is_text else {"error": told, "message": message}
    return JSONResponse(content, status, headers)
