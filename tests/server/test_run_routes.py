"""Runs over HTTP. Run: pytest tests/server/test_run_routes.py."""

import json
from pathlib import Path

import httpx
import numpy as np
import pytest

from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher
from epochal.server.answers import GraphDocument, RunDetail, RunList

MAP = "metrics/mAP_0.5:0.95"


def test_list_runs__is_of_the_promised_form(keyed: httpx.Client, run: Path) -> None:
    (summary,) = RunList.model_validate(keyed.get("/api/runs").json()).runs
    assert (summary.id, summary.state, summary.epoch, summary.epochs) == ("cells-1", "training", 3, 9)
    assert summary.spark == [0.1, 0.2]
    assert summary.best is not None
    assert summary.best.epoch == 2


def test_list_runs__of_a_folder_that_is_not_there_is_empty(keyed: httpx.Client) -> None:
    assert keyed.get("/api/runs").json() == {"runs": []}


def test_get_run__has_the_recipe(keyed: httpx.Client, run: Path) -> None:
    detail = RunDetail.model_validate(keyed.get("/api/runs/cells-1").json())
    assert detail.recipe is not None
    assert detail.recipe["recipe"] == {"model": "fast-n", "epochs": 9}


def test_get_graph__is_of_the_promised_form(keyed: httpx.Client, run: Path) -> None:
    (run / "evaluation.json").write_text('{"split": "test", "mAP_0.5": 0.5}')
    document = GraphDocument.model_validate(keyed.get("/api/runs/cells-1/graph").json())
    assert document.epochs == [1, 2]
    assert document.series[MAP] == [0.1, 0.2]
    assert document.series["train/box_loss"] == [2.0, None]
    assert [(mark.series, mark.epoch, mark.value) for mark in document.marks] == [("train/box_loss", 2, "NaN")]
    assert document.cursor == (run / "metrics.jsonl").stat().st_size
    assert document.evaluation is not None


def test_get_packed_graph__holds_the_same_document(keyed: httpx.Client, run: Path) -> None:
    answer = keyed.get("/api/runs/cells-1/packed-graph")
    assert answer.headers["Content-Type"] == "application/vnd.epochal.graph"
    length = int.from_bytes(answer.content[4:8], "little")
    head = json.loads(answer.content[8 : 8 + length])
    document = keyed.get("/api/runs/cells-1/graph").json()
    assert {**head["document"], "epochs": document["epochs"], "series": document["series"]} == document
    numbers = [document["epochs"], *(document["series"][key] for key in head["keys"])]
    found = np.frombuffer(answer.content[8 + length :], "<f8").reshape(len(numbers), head["rows"])
    assert [[None if np.isnan(value) else value for value in column] for column in found] == numbers


@pytest.mark.parametrize("path", ["", "/graph", "/packed-graph", "/events", "/files/log.txt"])
@pytest.mark.parametrize("run_id", ["none-1", "..", "%2e%2e", "..%2fruns", "%00", ".hidden", "%5c..", "a%0d%0ab"])
def test_runs__that_are_not_there(keyed: httpx.Client, run: Path, run_id: str, path: str) -> None:
    answer = keyed.get(f"/api/runs/{run_id}{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_start_stop_resume__by_http(
    keyed: httpx.Client, launcher: Launcher, monkeypatch: pytest.MonkeyPatch, wait_until: object
) -> None:
    monkeypatch.setenv("FAKE_EPOCH_S", "0.2")
    asked = {"dataset": "cells", "model": "fast-s", "epochs": 5, "image_size": 320, "seed": 3}
    started = keyed.post("/api/trainings", json=asked)
    assert started.status_code == 201
    assert (started.json()["id"], started.json()["dataset"], started.json()["model"]) == ("cells-1", "cells", "fast-s")
    assert keyed.post("/api/runs/cells-1/resume").status_code == 409
    assert keyed.post("/api/runs/cells-1/stop", json={"when": "epoch"}).status_code == 200
    assert launcher.wait("cells-1", 20) == 0
    assert keyed.get("/api/runs/cells-1").json()["state"] == "stopped"
    refused = keyed.post("/api/runs/cells-1/stop", json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "run_folder_error")
    monkeypatch.setenv("FAKE_EPOCH_S", "0.01")
    assert keyed.post("/api/runs/cells-1/resume").status_code == 200
    assert launcher.wait("cells-1", 20) == 0
    assert keyed.get("/api/runs/cells-1").json()["state"] == "finished"
    assert keyed.get("/api/runs/cells-1/graph").json()["epochs"] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dataset": ""},
        {"dataset": ["cells"]},
        {"dataset": "cells", "epochs": 0},
        {"dataset": "cells", "epochs": 1e9},
        {"dataset": "cells", "image_size": 63},
        {"dataset": "cells", "seed": -1},
        {"dataset": "cells", "model": "--out=/tmp/x"},
        {"dataset": "cells", "out": "/tmp/x"},
        {"dataset": "c" * 256},
    ],
)
def test_start_training__of_another_form_is_refused(keyed: httpx.Client, body: dict[str, object]) -> None:
    answer = keyed.post("/api/trainings", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
    assert keyed.get("/api/runs").json() == {"runs": []}


@pytest.mark.parametrize("name", ["none", "../datasets/cells", "/etc", "cells/", "--out", "cells\u0000", "."])
def test_start_training__of_what_is_no_dataset_is_refused(keyed: httpx.Client, name: str) -> None:
    answer = keyed.post(
        "/api/trainings", content=json.dumps({"dataset": name}), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert keyed.get("/api/runs").json() == {"runs": []}


def test_list_datasets__by_name(keyed: httpx.Client) -> None:
    (entry,) = keyed.get("/api/datasets").json()["datasets"]
    assert entry["name"] == "cells"


def test_recipe__names_the_weights_that_a_training_may_start_from(keyed: httpx.Client, data: DataFolder) -> None:
    address = "/api/workspaces/my-workspace/training-recipe"
    assert keyed.get(address).json()["checkpoints"] == []
    data.checkpoints_folder.mkdir()
    weights = data.checkpoints_folder / "public.pt"
    weights.write_bytes(b"weights")
    assert keyed.get(address).json()["checkpoints"] == ["public.pt"]
    weights.unlink()
