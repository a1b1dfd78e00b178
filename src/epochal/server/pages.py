"""The built web app: `index.html` and what stands beside it, from a closed list of files read into memory.

The app is one page at "/" that keeps its view behind the "#"; an address that a client printed leads a browser there.
"""

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from epochal.server.errors import error_answer, wrong_method
from epochal.server.methods import Methods
from epochal.server.page_links import is_for_a_page, page_of

STATIC = Path(__file__).parent / "static"
INDEX = "index.html"
# By a closed table, not by the system's: that one differs between machines.
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Epochal: the web app is not built</title>
<h1>The web app is not built</h1>
<p>The server runs, but this installation has no web app in it. In a checkout, <code>make install</code> builds it;
then reload this page.</p>
<p>What can be asked without it: <a href="api/runs">the runs</a>, <a href="api/openapi.json">the whole API</a>.</p>
</html>
"""


@dataclass(frozen=True)
class _File:
    content: bytes
    content_type: str


class Pages:
    """The files of the web app; read again when `index.html` has changed, as after a new build."""

    def __init__(self, folder: Path = STATIC, methods: Methods | None = None) -> None:
        """Name the folder of the built app, which need not be there, and the methods of what else the server has."""
        self._folder = folder
        self._methods = methods or Methods(())
        self._built_at: int | None = None
        self._files: dict[str, _File] = {}

    async def answer(self, request: Request) -> Response:
        """The file at an address; a page that says what to do when the app is not built."""
        self._read_when_new()
        name = request.url.path.removeprefix("/") or INDEX
        file = self._files.get(name)
        if file is not None:
            # Names under assets/ carry a hash of their content, so they may be kept for ever.
            kept = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
            return Response(file.content, headers={"Content-Type": file.content_type, "Cache-Control": kept})
        if name == INDEX:
            return Response(_NOT_BUILT, 503, headers={"Content-Type": CONTENT_TYPES[".html"]})
        page = page_of(request.url.path) if is_for_a_page(request.scope) else None
        if page is not None:
            return RedirectResponse(page, 302)
        if methods := self._methods.at(request.scope):
            return wrong_method(request, methods)
        message = f"There is nothing at {request.url.path}; the app is at /."
        return error_answer(404, "not_found", message, path=request.url.path)

    def _read_when_new(self) -> None:
        try:
            built_at = (self._folder / INDEX).stat().st_mtime_ns
        except OSError:
            built_at = None
        if built_at == self._built_at:
            return
        self._built_at = built_at
        self._files = {} if built_at is None else dict(_read_files(self._folder))


async def to_api_page(_: Request) -> Response:
    """From `/api/docs`, where people look for it, to the app's page of the API; relative, for proxies with a path."""
    return Response(status_code=307, headers={"Location": "../#/api", "Cache-Control": "no-cache"})


def _read_files(folder: Path) -> list[tuple[str, _File]]:
    return [
        (path.relative_to(folder).as_posix(), _File(path.read_bytes(), CONTENT_TYPES[path.suffix]))
        for path in sorted(folder.rglob("*"))
        if path.suffix in CONTENT_TYPES and path.is_file() and not path.is_symlink()
    ]
