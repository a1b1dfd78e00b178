"""Both notebooks of a version run from their first cell to their last, against a real server."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from nbclient import NotebookClient
from test_versions import fill

from epochal.datasets import open_dataset

SLUG = "noted-cells"


@pytest.fixture(scope="module")
def noted(platform: Any) -> Iterator[httpx.Client]:
    """A client whose project has one version."""
    fill(platform.data_dir, "Noted cells")
    headers = {"Authorization": f"Bearer {platform.key}"}
    base = f"/api/workspaces/{platform.workspace}/projects/{SLUG}/versions"
    with httpx.Client(base_url=platform.address, headers=headers, timeout=60, trust_env=False) as client:
        client.post(base, json={}).raise_for_status()
        while client.get(f"{base}/1").json()["state"] == "generating":
            time.sleep(0.05)
        yield client


def run(noted: httpx.Client, platform: Any, folder: Path, kind: str, **environment: str) -> Any:
    address = f"/api/workspaces/{platform.workspace}/projects/{SLUG}/versions/1/notebook"
    answer = noted.get(address, params={"kind": kind})
    assert answer.status_code == 200, answer.text
    assert platform.key not in answer.text
    notebook = nbformat.reads(answer.text, as_version=4)
    nbformat.validate(notebook)
    kernel = {
        **os.environ, "EPOCHAL_API_KEY": platform.key, "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **environment,
    }  # fmt: skip
    client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}})
    with client.setup_kernel(env=kernel):
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
    return notebook


def printed(notebook: Any) -> str:
    return json.dumps(notebook.cells)


def test_one_downloads_trains_shows_the_graph_and_sends_the_weights(
    noted: httpx.Client, platform: Any, tmp_path: Path
) -> None:
    notebook = run(noted, platform, tmp_path, "train", EPOCHS="2", TRAIN_ARGS="--image-size 64")
    folder = tmp_path / f"{SLUG}-1-run"
    assert (folder / "graph.html").is_file()
    assert "IFrame" in printed(notebook)
    (model,) = noted.get(f"/api/workspaces/{platform.workspace}/models", params={"project": SLUG}).json()["models"]
    assert model["can_run"]
    assert model["classes"] == ["cell"]


def test_the_other_only_downloads_without_epochal(noted: httpx.Client, platform: Any, tmp_path: Path) -> None:
    notebook = run(noted, platform, tmp_path, "download", FORMAT="voc")
    assert "import epochal" not in printed(notebook)
    assert open_dataset(tmp_path / f"{SLUG}-1").annotation_count == 6
