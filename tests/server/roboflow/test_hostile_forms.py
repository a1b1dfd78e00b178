"""Bodies of the Roboflow surface with anything in any field: refused in words or taken, never 500.

No schema describes these routes, so the table is made here. Run: pytest tests/server/roboflow/test_hostile_forms.py.
"""

import json
import random
import re
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from project_rows import picture

from epochal.server import roboflow

FIELDS = (
    "name", "type", "license", "annotation", "public", "offset", "limit", "batch", "fields", "like_image", "prompt",
    "tag", "class_name", "in_dataset", "batch_id", "annotation_job", "annotation_job_id", "mediaTypes", "query",
    "pageSize", "continuationToken", "images", "updates", "metadata", "removeMetadata", "addTags", "removeTags",
    "operation", "tags", "num_images", "labelerEmail", "instructionText", "batchId", "assignees", "sourceBatchId",
    "imageIds", "sourceBatchIds", "targetBatchId", "status", "currentStatus", "splitMethod", "statusesToInclude",
    "trainCount", "format", "dataset", "annotationGroup", "preprocessing", "augmentation", "split", "seed", "speed",
    "checkpoint", "modelType", "epochs", "trainRecipe", "trainingId", "config", "annotationFile", "labelmap",
    "batchName", "parentId", "model_id", "image", "confidence", "class_filter", "max_detections",
)  # fmt: skip
VALUES = (5, -1, 10**30, 1e308, float("nan"), "x", "\0", "\ud800", "x" * 5000, [], [1], [{}], {}, {"a": 1}, True, None)
USUAL = {
    "name": "n", "query": "*", "labelerEmail": "a@b", "reviewerEmail": "c@d", "status": "approved",
    "splitMethod": "split", "currentStatus": "annotated", "preprocessing": {}, "augmentation": {},
    "model_id": "none/1", "operation": "add", "type": "version", "id": "1", "tags": ["t"], "modelType": "none",
    "annotationFile": "0 .5 .5 .1 .1",
}  # fmt: skip
ASKED = 800


@pytest.fixture
def parts(keyed: httpx.Client) -> dict[str, str]:
    """What stands in addresses: things that are there."""
    made = keyed.post("/my-workspace/projects", json={"name": "Asked oddly", "type": "object-detection"})
    project = str(made.json()["id"]).split("/")[1]
    ids = [
        keyed.post(f"/dataset/{project}/upload", params={"batch": "b"}, content=picture(n)).json()["id"] for n in (1, 2)
    ]
    (batch,) = keyed.get(f"/my-workspace/{project}/batches").json()["batches"]
    form = {"name": "j", "batch": batch["id"], "num_images": 1, "labelerEmail": "a@b", "reviewerEmail": "c@d"}
    job = keyed.post(f"/my-workspace/{project}/jobs", json=form).json()["id"]
    return {
        "workspace": "my-workspace", "project": project, "image_id": ids[1], "batch_id": batch["id"], "job_id": job,
    }  # fmt: skip


def _address(path: str, parts: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: parts.get(found[1], "1"), path)


def _status(keyed: httpx.Client, method: str, path: str, body: dict[str, Any]) -> int:
    content, headers = json.dumps(body), {"Content-Type": "application/json"}
    return keyed.request(method, path, content=content, headers=headers).status_code


def test_any_value_in_any_field_is_no_mistake_of_the_server(keyed: httpx.Client, parts: dict[str, str]) -> None:
    routes = [route for router in roboflow.ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    rows = [
        (method, route.path, field, value)
        for route in routes
        for method in sorted(route.methods & {"POST", "PATCH", "PUT"})
        if "rest:path" not in route.path and not route.path.startswith("/serverless")
        for field in FIELDS
        for value in VALUES
    ]
    usual = {**USUAL, "imageIds": [parts["image_id"]], "batchId": parts["batch_id"], "batch": parts["batch_id"]}
    wrong = []
    for method, path, field, value in random.Random(0).sample(rows, ASKED):
        status = _status(keyed, method, _address(path, parts), {**usual, field: value})
        if status >= 500:
            wrong.append((method, path, field, value, status))
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/{workspace}/{project}/search", {"prompt": "\ud800"}),
        ("/{workspace}/{project}/search", {"limit": float("inf")}),
        ("/{workspace}/{project}/search", {"offset": 10**30}),
        ("/{workspace}/{project}/jobs", {"batch": "{batch_id}", "num_images": 10**30}),
        ("/{workspace}/{project}/jobs", {"batch": "{batch_id}", "num_images": float("nan")}),
        ("/{workspace}/{project}/annotation-jobs/{job_id}/accept", {"splitMethod": "split", "trainCount": "x"}),
        ("/{workspace}/images/{image_id}/metadata", {"metadata": 5}),
        ("/{workspace}/images/{image_id}/metadata", {"addTags": {"a": 1}}),
    ],
)
def test_what_was_one_is_refused(keyed: httpx.Client, parts: dict[str, str], path: str, body: dict[str, Any]) -> None:
    filled = {key: _address(value, parts) if value == "{batch_id}" else value for key, value in body.items()}
    assert _status(keyed, "POST", _address(path, parts), filled) == 400
