"""A run folder's document has its recipe and evaluation. Run: pytest tests/graphs/test_run_document.py."""

import json
from pathlib import Path

import pytest

from epochal.errors import NotFound
from epochal.graphs.journal import Journal
from epochal.graphs.run_document import build_run_document


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder of one epoch, with a recipe that holds a NaN and an evaluation with one example."""
    with Journal(tmp_path) as journal:
        journal.start(name="cats-1", epochs_planned=2, seed=0)
        journal.epoch(1, {"train/box_loss": 1.0})
    (tmp_path / "recipe.json").write_text(json.dumps({"recipe": {"lr": float("nan")}, "reasons": {"lr": "why"}}))
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "0.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "evaluation.json").write_text(json.dumps({"mAP_0.5": 0.5, "examples": [{"path": "examples/0.jpg"}]}))
    return tmp_path


def test_build_run_document__with_recipe_and_evaluation(run: Path) -> None:
    document = build_run_document(run)
    assert document["recipe"] == {"lr": None}
    assert document["reasons"] == {"lr": "why"}
    assert document["evaluation"]["examples"] == [{"path": "examples/0.jpg"}]
    assert document["name"] == "cats-1"
    json.dumps(document, allow_nan=False)


def test_build_run_document__with_images(run: Path) -> None:
    (example,) = build_run_document(run, with_images=True)["evaluation"]["examples"]
    assert example["url"] == "data:image/jpeg;base64,/9g="


def test_build_run_document__of_a_young_run(run: Path) -> None:
    for name in ("recipe.json", "evaluation.json"):
        (run / name).unlink()
    assert not {"recipe", "reasons", "dataset", "evaluation"} & set(build_run_document(run))


def test_build_run_document__no_run(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not there"):
        build_run_document(tmp_path / "none")
