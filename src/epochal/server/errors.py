"""The exception tree as HTTP answers, and the one shape of all of them: {"error": {"code", "message"}}.

BadInput 400 · NotSignedIn 401 · OutOfCredits 402 · NotAllowed 403 · NotFound 404 · Conflict, RunFolderError 409 ·
a body or query of the wrong form, KeyReused 422 · TooMany 429 (with Retry-After) · Failed 500 · StorageFull 507
"""

import logging
import math
import re
from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from epochal.errors import (
    BadInput,
    Conflict,
    EpochalError,
    KeyReused,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OutOfCredits,
    RunFolderError,
    StorageFull,
    TooMany,
)
from epochal.server.methods import Methods

LOG = logging.getLogger("epochal.server.errors")
# The first that an error is an instance of counts, so what is special stands before what is general.
STATUS_OF: tuple[tuple[type[EpochalError], int], ...] = (
    (RunFolderError, 409),
    (KeyReused, 422),
    (StorageFull, 507),
    (NotFound, 404),
    (Conflict, 409),
    (NotSignedIn, 401),
    (OutOfCredits, 402),
    (NotAllowed, 403),
    (TooMany, 429),
    (BadInput, 400),
    (EpochalError, 500),
)
_CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
# What the first word of our own addresses is; files of the app have a dot in it.
_NATIVE = {"api", "assets", "health", "metrics"}
_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def add_error_handlers(app: FastAPI, methods: Methods) -> None:
    """Have every error of an application answered in the one shape; `methods` are those of its routes."""

    async def answer(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, HTTPException) and error.status_code == 405:
            return wrong_method(request, methods.at(request.scope) or ["GET"])
        return error_answer(*answer_parts(request, error), path=request.url.path)

    for kind in (EpochalError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


def error_answer(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None, *, path: str = "/api/"
) -> JSONResponse:
    """An error in the one shape; outside the native API also where the `roboflow` and `inference-sdk` packages look.

    Args:
        status: of HTTP.
        code: a fixed word for programs.
        message: a sentence for people.
        headers: further headers.
        path: of the address that was asked.
    """
    told = {"code": code, "message": message}
    first_word = path.split("/")[1]
    if first_word in _NATIVE or "." in first_word:
        return JSONResponse({"error": told}, status, headers)
    return JSONResponse({"error": {**told, "type": code, "hint": ""}, "message": message}, status, headers)


def wrong_method(request: Request, methods: Sequence[str]) -> JSONResponse:
    """The answer to a method that an address does not take, and those that it does."""
    message = f"{request.url.path} does not take {request.method}; it takes {', '.join(methods)}."
    return error_answer(405, "method_not_allowed", message, {"Allow": ", ".join(methods)}, path=request.url.path)


def code_of(error: EpochalError) -> str:
    """The fixed word for an error: the name of its class, such as `run_folder_error`."""
    return _WORD_START.sub("_", type(error).__name__).lower()


def _say(wrong: Mapping[str, str]) -> str:
    """What is wrong with one field: the words of the check, which for an unknown name are ours."""
    if wrong["type"] == "extra_forbidden":
        return "this name is not known here; see /api/docs, or leave it out"
    return wrong["msg"].removeprefix("Value error, ")  # so begins what our own checks say


def answer_parts(request: Request, error: Exception) -> tuple[int, str, str, dict[str, str] | None]:
    """Status, fixed word, sentence and headers for an error that a route may raise.

    Args:
        request: what was asked.
        error: an EpochalError, or what FastAPI and Starlette raise.
    """
    if isinstance(error, EpochalError):
        status = next(status for kind, status in STATUS_OF if isinstance(error, kind))
        if status >= 500:
            LOG.error("failed", extra={"fields": {"path": request.url.path, "error": str(error)}})
        retry_after_s = error.retry_after_s if isinstance(error, TooMany) else None
        headers = None if retry_after_s is None else {"Retry-After": str(math.ceil(retry_after_s))}
        return status, code_of(error), str(error), headers
    if isinstance(error, RequestValidationError):
        parts = [f"{'.'.join(str(word) for word in one['loc'])}: {_say(one)}" for one in error.errors()]
        return 422, "invalid_request", f"The request is not of the expected form: {'; '.join(parts)}.", None
    assert isinstance(error, HTTPException)
    code = _CODE_OF_STATUS.get(error.status_code, "http_error")
    message = {
        "not_found": f"There is nothing at {request.url.path}; /api/openapi.json lists what there is.",
        "method_not_allowed": f"{request.url.path} does not take {request.method}.",
    }.get(code, str(error.detail))
    return error.status_code, code, message, dict(error.headers or {})


class CatchUnexpected:
    """ASGI middleware: what nobody foresaw is logged whole and told to nobody.

    Starlette's own handler for it stands outside every other middleware, so its answer would miss their headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; answer 500 when that fails before an answer has begun, hang up when it fails later."""
        has_begun = False

        async def send_and_see(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_see)
        except Exception as error:
            LOG.error("crashed", exc_info=error, extra={"fields": {"path": scope.get("path")}})
            if has_begun or scope["type"] != "http":
                raise
            message = "The server made a mistake; its log has the details."
            answer = error_answer(500, "internal_error", message, path=scope["path"])
            await answer(scope, receive, send)
