"""A served data folder that holds one of everything, and the API's description with the names of those things in it."""

import dataclasses
import io
import re
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from epochal.jobs.attempts import make_key
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.tables import TrainingRow
from epochal.server.owner import let_owner_in
from epochal.server.services import open_database
from epochal.storage.ids import new_id
from training_platform import TrainingPlatform

Names = dict[str, list[str]]
KEPT = 4
RATES = {"requests_per_s": 0, "requests_per_s_of_address": 0}


@dataclasses.dataclass(frozen=True)
class Things:
    """What there is, by the name that it has in paths and bodies.

    Attributes:
        kept: what requests may look at and change.
        spare: the same kinds once more, for requests that delete.
    """

    kept: Names
    spare: Names


def picture(number: int) -> bytes:
    """A small PNG, another for each number."""
    pixels = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


class FilledPlatform(TrainingPlatform):
    """A platform whose project has images, batches, a job, a finished training, its model, a label assist."""

    def __init__(self, data_dir: Path, shapes: Path) -> None:
        """Make the data folder and start the server; nobody is held up by a limit on requests."""
        super().__init__(data_dir, shapes, **RATES)
        self.start()
        self._http = httpx.Client(
            base_url=self.address, headers={"Authorization": f"Bearer {self.key}"}, timeout=60, trust_env=False
        )
        self._base = f"/api/workspaces/{self.workspace}"
        self.things = self._fill()

    def stop(self) -> None:
        """End server and workers."""
        self._http.close()
        super().stop()

    def sign_in(self) -> str:
        """The cookie of a new session of the owner, as a header has it."""
        database = open_database(DataFolder(self.data_dir))
        _, token = let_owner_in(database)
        database.close()
        answer = httpx.post(f"{self.address}/api/sign-in/link", json={"token": token}, trust_env=False)
        answer.raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())

    def _fill(self) -> Things:
        training = self.wait_for_end(self.begin(epochs=1))
        assert training["state"] == "finished", training
        shapes, spare = f"{self._base}/projects/shapes", self._post(f"{self._base}/projects", {"name": "Spare"})["slug"]
        self._ask("PATCH", shapes, {"is_public": True})
        images = [self._upload("shapes", number, "kept" if number < KEPT else "spare") for number in range(8)]
        for image in images:
            box = {"class_name": "disc", "box_xyxy": [4, 4, 30, 30]}
            self._ask("PUT", f"{shapes}/images/{image}/annotations", {"boxes": [box]})
        self._upload(spare, 100, "theirs")
        batches = {one["name"]: one["id"] for one in self._get(f"{shapes}/batches")["batches"]}
        jobs = [
            self._post(f"{shapes}/annotation-jobs", {"image_ids": ids, "labeler": "a@example.org"})["id"]
            for ids in (images[:2], images[KEPT : KEPT + 2])
        ]
        keys = [self._post(f"{self._base}/keys", {"name": name, "scopes": ["read"]}) for name in ("a", "b")]
        people = [
            self._post(f"{self._base}/members", {"email": f"{name}@example.org", "role": "viewer"}) for name in "ab"
        ]
        model = training["model"]["slug"]
        assist = self._post(f"{shapes}/label-assists", {"model": model, "batch": batches["kept"]})["id"]
        clone = self._post(f"{self._base}/universe/clone", {"owner": self.workspace, "project": "shapes"})
        copied = self._copy_model(model)
        kept: Names = {
            "workspace": [self.workspace], "owner": [self.workspace], "project": ["shapes"],
            "image": images[:KEPT], "batch": [batches["kept"]], "job": jobs[:1], "class_id": ["0"],
            "key_id": [keys[0]["made"]["id"]], "user_id": [people[0]["member"]["user_id"]], "run_id": [training["id"]],
            "training_id": [training["id"]], "number": ["1"], "version": ["1"], "model": [model],
            "assist": [assist], "task": [clone["task"]["id"]], "format_name": ["coco"],
            "run": [training["id"]],
        }  # fmt: skip
        gone: Names = {
            "project": [spare, clone["project"]["slug"]], "image": images[KEPT:], "batch": [batches["spare"]],
            "job": jobs[1:], "key_id": [keys[1]["made"]["id"]], "user_id": [people[1]["member"]["user_id"]],
            "model": [copied], "owner": [],
        }  # fmt: skip
        return Things(kept, gone)

    def begin_attempt(self) -> str:
        """A training that waits for its worker, and the key of that worker."""
        training_id = new_id()
        key, sha256 = make_key(training_id, 1)
        database = open_database(DataFolder(self.data_dir))
        with database.write() as session:
            session.add(
                TrainingRow(
                    id=training_id, workspace_id=self.workspace_id, project_id=self.project_id,
                    version_id=self.version_id, name="fuzzed", state="running", model_type="fast-n", limits={},
                    request={"numbers": {}, "recipe": {}, "start": {"kind": "random"}}, attempt=1, launcher="local",
                    worker_key_sha256=sha256, lease_expires_at=time.time() + 3600, created_by="test", queued_at=0.0,
                )
            )  # fmt: skip
        database.close()
        return key

    def _copy_model(self, model: str) -> str:
        onnx = self._http.get(f"{self._base}/models/{model}/files/best.onnx")
        made = self._http.post(f"{self._base}/models", params={"name": "copied"}, content=onnx.content)
        assert made.status_code == 201, made.text
        return str(made.json()["slug"])

    def _upload(self, project: str, number: int, batch: str) -> str:
        files = {"file": (f"{number}.png", picture(number), "image/png")}
        fields = {"batch": batch, "split": "train"}
        answer = self._http.post(f"{self._base}/projects/{project}/images", files=files, data=fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def _get(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path)

    def _post(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, fields)

    def _ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, path, json=fields)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())


# Fields of bodies and answers, and the things that they name.
_FIELDS = {
    "image_ids": "image", "ids": "image", "images": "image", "image_id": "image", "batch_id": "batch",
    "batch": "batch", "source_ids": "batch", "target_id": "batch", "model": "model", "owner": "owner",
    "project": "project",
}  # fmt: skip
_DELETES = re.compile(r"/(delete|merge)$")


def describe(address: str, things: Things) -> dict[str, Any]:
    """The server's OpenAPI description, which names the things that there are: random words would get 404 alone.

    A parameter is one of them (what breaks the schema is any other text), a field one of them or any text.
    Requests that delete get the spare ones, so that the others are there to the end.
    """
    content: dict[str, Any] = httpx.get(f"{address}/api/openapi.json", trust_env=False).json()
    for path, operations in content["paths"].items():
        last = re.findall(r"\{(\w+)\}$", path)
        for method, operation in operations.items():
            deletes = method == "delete" or _DELETES.search(path) is not None
            for parameter in operation.get("parameters", []):
                name = parameter["name"]
                known = (things.spare if deletes and [name] == last else things.kept).get(_FIELDS.get(name, name))
                if known and parameter["in"] in {"path", "query"}:
                    _name(parameter["schema"], known, is_closed=True)
    for form in content["components"]["schemas"].values():
        for name, field in form.get("properties", {}).items():
            if name in _FIELDS:
                _name(field, [*things.kept[_FIELDS[name]], *things.spare[_FIELDS[name]]], is_closed=False)
            if "prefixItems" in field:  # all alike; schemathesis 4.32 changes these in place and then cannot read them
                field["items"] = field.pop("prefixItems")[0]
    return content


def _name(schema: dict[str, Any], known: list[str], *, is_closed: bool) -> None:
    """Let the strings of a schema be known ones: nothing else, or (not `is_closed`) anything else too."""
    if schema.get("type") == "array":
        _name(schema["items"], known, is_closed=is_closed)
    elif schema.get("type") == "string" and "enum" not in schema:
        plain = {key: schema.pop(key) for key in list(schema) if key not in {"title", "description", "default"}}
        schema.update({"type": "string", "enum": known} if is_closed else {"anyOf": [{"enum": known}, plain]})
    elif schema.get("type") == "integer" and is_closed and all(one.isdigit() for one in known):
        schema["enum"] = [int(one) for one in known]
    else:
        for one in schema.get("anyOf", []):
            _name(one, known, is_closed=is_closed)


def errors_in(log: Path) -> list[str]:
    """The lines of a server's log that tell of a mistake of the server, with what was raised."""
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return [
        line for line in lines if re.match(r"\S+Z (error|critical) |Traceback|\w+(\.\w+)*(Error|Exception): ", line)
    ]
