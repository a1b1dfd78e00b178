"""A model in other forms; the small runtime equals the predictor. Run: pytest tests/jobs/test_model_exports.py."""

import importlib.util
import io
import json
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from deploy.rows import add_model, add_workspace
from detectors.nets import random_weights, write_weights
from epochal.deploy import load_predictor
from epochal.detectors.export import export_weights
from epochal.errors import BadInput, Failed
from epochal.jobs.model_exports import begin_export, export_model
from epochal.jobs.models import Model, find_model
from epochal.jobs.tables import ModelRow
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from server.at_work import picture


def _model(database: Database, blobs: BlobStore, files: dict[str, Path], *, can_run: bool = True) -> Model:
    stored: dict[str, object] = {name: blobs.put_file(path) for name, path in files.items()}
    with database.write() as session:
        workspace = add_workspace(session)
        add_model(session, workspace, None, stored, can_run=can_run)
        return find_model(session, workspace, "cells-1")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    weights = random_weights()
    export_weights(weights, tmp_path / "best.onnx", "onnx")
    return {"best.onnx": tmp_path / "best.onnx", "best.pt": write_weights(tmp_path / "best.pt", weights)}


def test_runtime__finds_what_the_predictor_finds(
    database: Database, blobs: BlobStore, files: dict[str, Path], tmp_path: Path
) -> None:
    made = export_model(database, blobs, _model(database, blobs, files), "runtime")
    assert export_model(database, blobs, made, "runtime") == made
    folder = tmp_path / "elsewhere"
    with zipfile.ZipFile(io.BytesIO(blobs.get(made.files["runtime.zip"]))) as archive:
        archive.extractall(folder)
    code = (folder / "predict.py").read_text()
    assert len(code.splitlines()) <= 40
    assert "epochal" not in code
    names = []
    for seed, wh in enumerate(((90, 70), (300, 120), (50, 200))):
        path = folder / f"{seed}.png"
        path.write_bytes(picture(seed, wh=wh))
        names.append(path.name)
    command = [sys.executable, "-I", "predict.py", *names]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60).stdout
    predictor = load_predictor(files["best.onnx"], threads=1)
    for name, boxes in json.loads(said).items():
        alone = predictor.predict(Image.open(folder / name).convert("RGB"), confidence=0.4)
        assert [kind for kind, _, _ in boxes] == [predictor.class_names[k] for k in alone.class_id]
        assert np.allclose([box for _, _, box in boxes], alone.boxes_xyxy, atol=0.01)
        assert np.allclose([sure for _, sure, _ in boxes], alone.confidence, atol=1e-4)
        assert len(boxes) > 1


def test_torchscript__by_a_process_of_its_own(database: Database, blobs: BlobStore, files: dict[str, Path]) -> None:
    made = export_model(database, blobs, _model(database, blobs, files), "torchscript")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces a successor
        net = torch.jit.load(io.BytesIO(blobs.get(made.files["best.torchscript"])))
    boxes, scores = net(torch.zeros(1, 3, 64, 96))
    assert (boxes.shape[-1], scores.shape[-1]) == (4, 3)


def test_export_model__that_is_not_wanted_any_more_ends(
    database: Database, blobs: BlobStore, files: dict[str, Path]
) -> None:
    model = _model(database, blobs, files)
    with pytest.raises(Failed, match="was stopped"):
        export_model(database, blobs, model, "torchscript", is_cancelled=lambda: True)


def test_begin_export__joins_one_that_makes_the_same(
    database: Database, blobs: BlobStore, files: dict[str, Path]
) -> None:
    model = _model(database, blobs, files)
    with database.write() as session:
        workspace = session.get_one(ModelRow, model.id).workspace_id
        first, same = (begin_export(session, workspace, model, "openvino", "me") for _ in range(2))
        other = begin_export(session, workspace, model, "torchscript", "me")
        assert (same.id, other.id != first.id, first.state) == (first.id, True, "pending")
        assert begin_export(session, workspace, model, "onnx", "me").state == "completed"


def test_export_model__what_is_missing_is_told(database: Database, blobs: BlobStore, files: dict[str, Path]) -> None:
    model = _model(database, blobs, {"best.onnx": files["best.onnx"]})
    with pytest.raises(BadInput, match=r"has no best\.pt of Epochal, of which torchscript is made"):
        export_model(database, blobs, model, "torchscript")


def test_openvino__is_made_or_says_what_to_install(
    database: Database, blobs: BlobStore, files: dict[str, Path]
) -> None:
    model = _model(database, blobs, files)
    if importlib.util.find_spec("openvino") is None:
        with pytest.raises(BadInput, match=r"pip install 'epochal\[openvino\]'"):
            export_model(database, blobs, model, "openvino")
        return
    made = export_model(database, blobs, model, "openvino")
    with zipfile.ZipFile(io.BytesIO(blobs.get(made.files["openvino.zip"]))) as archive:
        assert archive.namelist() == ["best.xml", "best.bin"]
