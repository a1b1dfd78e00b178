"""How a route of the Roboflow surface differs from ours: its errors have another shape, and it is not described.

router = roboflow_router()      in every file of this package, instead of APIRouter()
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from epochal.errors import EpochalError
from epochal.server.errors import answer_parts

_HINTS = {
    401: "Make a key with `epochal key create`, or on the workspace's page.",
    402: "An owner grants credits on the workspace's page, or with `epochal credits grant`.",
    403: "Ask with a key that has the scope, or have an owner give you one.",
    404: "Look at the workspace's page for the names that there are.",
    429: "Wait as long as Retry-After says.",
}
_OURS = {"api", "assets"}


class RoboflowRoute(APIRoute):
    """A route at the root whose errors are `{"error": {"message", "type", "hint"}, "message"}`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Never for an address of ours, which the first variable parts of a path would take too.

        Those are the native API, the web app at the root (a client's `GET /` has its key with it) and the app's files,
        which have a dot in their first word, as no slug has.
        """
        path: str = scope.get("path", "")
        is_app = path == "/" and scope.get("method") in {"GET", "HEAD"} and b"api_key=" not in scope["query_string"]
        first_word = path.split("/")[1]
        if is_app or first_word in _OURS or "." in first_word:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, with errors in the shape that the packages read."""
        handle = super().get_route_handler()

        async def handle_or_tell(request: Request) -> Response:
            try:
                return await handle(request)
            except (EpochalError, RequestValidationError, HTTPException) as error:
                return roboflow_error(request, error)

        return handle_or_tell


def roboflow_router() -> APIRouter:
    """An empty router of this surface; paths are given whole, from the root."""
    return APIRouter(route_class=RoboflowRoute, include_in_schema=False)


def roboflow_error(request: Request, error: Exception) -> JSONResponse:
    """An error as the `roboflow` and `inference-sdk` packages read it, each at another place."""
    status, code, message, headers = answer_parts(request, error)
    told = {"message": message, "type": code, "hint": _HINTS.get(status, "")}
    return JSONResponse({"error": told, "message": message}, status, headers)
