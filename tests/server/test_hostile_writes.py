"""Names that would be paths, sent to every route that writes: in paths, queries, bodies, forms and file names.

Run: pytest tests/server/test_hostile_writes.py. A file beside the data folder is neither told nor changed, nothing new
stands beside the data folder, and within it nothing bears a name that was sent.
"""

import http.client
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from fastapi.routing import APIRoute
from PIL import Image

from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher
from epochal.server import roboflow
from epochal.server.app import ROUTES, create_app
from epochal.server.serving import ServerThread, bind
from epochal.workspaces.keys import create_key
from epochal.workspaces.workspaces import ensure_first_workspace

CANARY = "canary-that-never-changes-77b1"
UP = ("../", "..\\", "..;/", "....//", "./../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "%252e%252e%252f", "..%c0%af")
BEFORE = ("", "/", "a/", "file://", "C:\\")
AFTER = ("", "#", "?", "%00.jpg", ";.jpg")
HOSTILE = [f"{before}{up * 3}canary.txt{after}" for up in UP for before in BEFORE for after in AFTER]
# What a body or a query may call something, on the routes that no schema describes.
WORDS = (
    "name", "path", "file", "filename", "file_name", "dataset", "project", "version", "model", "model_id", "batch",
    "batchName", "batch_name", "annotation", "annotationFile", "image", "image_id", "images", "tag", "tags", "split",
    "url", "folder", "destination", "format", "query", "checkpoint", "modelType", "modelName", "jobName",
)  # fmt: skip
Row = tuple[str, APIRoute]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a canary in it, and beside that the data folder."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "canary.txt").write_text(CANARY)
    return folder


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[ServerThread]:
    launcher = Launcher(DataFolder(place / "data"), command=(sys.executable, "-c", "raise SystemExit('started')"))
    with ServerThread(create_app(place / "data", launcher=launcher), bind("127.0.0.1", 0)) as it:
        yield it


@pytest.fixture(scope="module")
def key(server: ServerThread) -> str:
    with server.app.state.services.database.write() as session:
        return create_key(session, ensure_first_workspace(session).id)[0]


@pytest.fixture(scope="module")
def plain(server: ServerThread, key: str) -> dict[str, str]:
    """Parameters that lead to things that are there."""
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(out, "JPEG")
    here = "/api/workspaces/my-workspace/projects"
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=server.address, headers=headers, trust_env=False, timeout=20) as client:
        slug = client.post(here, json={"name": "Cells"}).json()["slug"]
        image = client.post(f"{here}/{slug}/images", files={"file": ("a.jpg", out.getvalue())}).json()["id"]
        (batch,) = client.get(f"{here}/{slug}/batches").json()["batches"]
    return {"workspace": "my-workspace", "project": slug, "image": image, "image_id": image, "batch": batch["id"]}


class Sender:
    """Sends what it is told as it is, and looks at each answer."""

    def __init__(self, server: ServerThread, key: str) -> None:
        host, port = server.address.removeprefix("http://").split(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=30)
        self._headers = {"Authorization": f"Bearer {key}"}
        self.asked = 0
        self.wrong: list[object] = []
        self.statuses: dict[int, int] = {}

    def close(self) -> None:
        self._connection.close()

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> None:
        headers = {**self._headers, **({"Content-Type": kind} if body else {})}
        self._connection.request(method, path, body=body or None, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self.asked += 1
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        # 501 and 502 say that something is not offered here, or that an address was not fetched.
        if CANARY.encode() in content or (answer.status >= 500 and answer.status not in {501, 502}):
            self.wrong.append((method, path, body[:200], answer.status, content[:200]))


@pytest.fixture
def sender(server: ServerThread, key: str) -> Iterator[Sender]:
    made = Sender(server, key)
    yield made
    made.close()
    assert made.wrong == []


@pytest.fixture(autouse=True)
def nothing_was_touched(place: Path) -> Iterator[None]:
    before = {path: path.stat().st_mtime_ns for path in place.parent.glob("*") if path != place}
    yield
    assert sorted(path.name for path in place.iterdir()) == ["canary.txt", "data"]
    assert (place / "canary.txt").read_text() == CANARY
    assert {path: path.stat().st_mtime_ns for path in before if path.exists()} == {
        path: at for path, at in before.items() if path.exists()
    }
    assert [path for path in (place / "data").rglob("*") if "canary" in path.name] == []
    assert not Path("canary.txt").exists()


def rows() -> list[Row]:
    routers = [*(module.router for module in ROUTES), *roboflow.ROUTERS]
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    # `rest` catches what is not offered and answers so; one of each method is enough of those.
    return [
        (method, route)
        for route in routes
        for method in sorted(route.methods - {"GET", "HEAD"})
        if "{rest" not in route.path or method == "POST"
    ]


def filled(route: APIRoute, plain: dict[str, str], **hostile: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda one: hostile.get(one[1], plain.get(one[1], "1")), route.path)


def test_paths__lead_nowhere(sender: Sender, plain: dict[str, str]) -> None:
    for number, (method, route) in enumerate(rows()):
        for name in re.findall(r"\{(\w+)(?::\w+)?\}", route.path):
            for text in HOSTILE[number % 97 :: 97]:
                for written in (text, quote(text, safe="")):
                    sender.send(method, filled(route, plain, **{name: written}).replace(" ", "%20"))
    assert sender.asked > 1500


def test_queries__lead_nowhere(sender: Sender, plain: dict[str, str]) -> None:
    for number, (method, route) in enumerate(rows()):
        if method != "DELETE":  # of things that are there
            for text in HOSTILE[number % 131 :: 131]:
                sender.send(method, f"{filled(route, plain)}?{urlencode(dict.fromkeys(WORDS, text))}", b"{}")
    assert sender.asked > 200


def made_of(schema: dict[str, Any], parts: dict[str, Any], text: str, depth: int = 0) -> Any:
    """A value of a schema in which every text is the hostile one."""
    if depth > 6:
        return None
    if "$ref" in schema:
        return made_of(parts[schema["$ref"].rpartition("/")[2]], parts, text, depth + 1)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return made_of(next(one for one in schema[word] if one.get("type") != "null"), parts, text, depth + 1)
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    match schema.get("type"):
        case "string":
            return text[: schema.get("maxLength", 1000)]
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "array":
            items = schema.get("prefixItems") or [schema.get("items", {})] * max(1, schema.get("minItems", 1))
            return [made_of(one, parts, text, depth + 1) for one in items]
        case "object" if "properties" in schema:
            return {name: made_of(one, parts, text, depth + 1) for name, one in schema["properties"].items()}
    return {text[:100]: text}


def test_bodies__of_described_routes_lead_nowhere(sender: Sender, server: ServerThread, plain: dict[str, str]) -> None:
    described = server.app.openapi()
    parts = described["components"]["schemas"]
    bodies = {
        (method.upper(), path): operation["requestBody"]["content"]["application/json"]["schema"]
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    assert len(bodies) > 25
    for number, (method, route) in enumerate(rows()):
        schema = bodies.get((method, re.sub(r":\w+}", "}", route.path)))
        if schema is not None:
            for text in HOSTILE[number % 37 :: 37]:
                sender.send(method, filled(route, plain), json.dumps(made_of(schema, parts, text)).encode())
    assert sender.asked > 200
    assert sender.statuses.get(200, 0) + sender.statuses.get(201, 0) > 20, "some were taken, as names to show"


def test_bodies__of_roboflows_routes_lead_nowhere(sender: Sender, plain: dict[str, str]) -> None:
    native = {id(route) for module in ROUTES for route in module.router.routes}
    for number, (method, route) in enumerate(rows()):
        if id(route) in native or method == "DELETE":
            continue
        for text in HOSTILE[number % 173 :: 173]:
            for body in (dict.fromkeys(WORDS, text), {word: [text] for word in WORDS}, [text], text):
                sender.send(method, filled(route, plain), json.dumps(body).encode())
    assert sender.asked > 500


def form(fields: dict[str, str], file_name: str, data: bytes) -> tuple[bytes, str]:
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    shown = file_name.replace('"', "%22")
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n\r\n'.encode()
    return b"".join(lines) + head + data + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def test_forms_and_file_names__lead_nowhere(sender: Sender, plain: dict[str, str]) -> None:
    project = plain["project"]
    for number, text in enumerate(HOSTILE):
        out = io.BytesIO()
        Image.new("RGB", (8, 8), (number % 256, number // 256, 7)).save(out, "PNG")
        fields = {"name": text, "batch": text, "tags": text} if number % 2 else {}
        body, kind = form(fields, text, out.getvalue())
        sender.send("POST", f"/api/workspaces/my-workspace/projects/{project}/images", body, kind)
        sender.send("POST", f"/dataset/{project}/upload?{urlencode({'batch': text, 'name': text})}", body, kind)
    assert sender.statuses.get(200, 0) > len(HOSTILE), "they were taken, under names to show"


def test_archives_and_weights__lead_nowhere(sender: Sender, plain: dict[str, str]) -> None:
    there = "/api/workspaces/my-workspace"
    for text in HOSTILE[::25]:  # each is opened in a process of its own
        query = urlencode(dict.fromkeys(("name", "file_name", "batch", "split"), text))
        sender.send(
            "POST", f"{there}/projects/{plain['project']}/uploads/zip?{query}", b"PK\5\6" + bytes(18), "application/zip"
        )
        sender.send("POST", f"{there}/models?{query}", b"not a model", "application/octet-stream")
        sender.send("PUT", f"/api/worker/files/{quote(text, safe='')}", b"x", "application/octet-stream")
        sender.send("PUT", f"/api/uploads/zip/{quote(text, safe='')}", b"x", "application/zip")
        sender.send("PUT", f"/weights/upload/{quote(text, safe='')}", b"x", "application/octet-stream")
