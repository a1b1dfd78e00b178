"""The weights file: round trip, and what is no such file. Run: pytest tests/detectors/test_weights.py."""

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from detectors.nets import CANVAS_WH, NAMES, random_weights, write_weights
from epochal.detectors.fast import FastNet
from epochal.detectors.weights import Weights, copy_matching, for_classes, load_weights, save_atomically
from epochal.errors import StorageFull, WeightsError


@pytest.fixture(scope="module")
def file(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "best.pt", weights)


def test_load_weights__gives_back_what_was_saved(weights: Weights, file: Path) -> None:
    loaded = load_weights(file)
    assert (loaded.class_names, loaded.canvas_wh, loaded.net.size_name) == (NAMES, CANVAS_WH, "fast-n")
    assert not loaded.net.training
    saved, given = weights.net.state_dict(), loaded.net.state_dict()
    assert list(saved) == list(given)
    assert all(torch.equal(saved[name], given[name]) for name in saved)
    assert [p.name for p in file.parent.iterdir()] == ["best.pt"]


class _Payload:
    """Unpickled by a careless reader, it makes a folder."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"mkdir '{self.trace}'",)


def test_load_weights__runs_nothing_that_a_file_brings(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    bare, inside = tmp_path / "bare.pt", tmp_path / "inside.pt"
    bare.write_bytes(pickle.dumps(_Payload(trace)))
    torch.save({"kind": "epochal-weights", "schema": 1, "state": _Payload(trace)}, inside)
    for path in (bare, inside):
        for read in (load_weights, lambda p: copy_matching(FastNet("fast-n", 3), p, NAMES)):
            with pytest.raises(WeightsError, match="no weights file of Epochal"):
                read(path)
    assert not trace.exists()
    pickle.loads(bare.read_bytes())  # the payload does what it should, were it unpickled
    assert trace.exists()


def _truncated(path: Path, whole: bytes) -> None:
    path.write_bytes(whole[: len(whole) // 2])


def _a_zip(path: Path, whole: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.txt", "sea")


def _torchscript(path: Path, whole: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x/constants.pkl", b"")
        archive.writestr("x/data.pkl", b"")


FOREIGN: dict[str, Callable[[Path, bytes], Any]] = {
    "empty": lambda path, whole: path.write_bytes(b""),
    "text": lambda path, whole: path.write_text("epoch,loss\n1,2\n"),
    "truncated": _truncated,
    "zip": _a_zip,
    "torchscript": _torchscript,
    "other torch file": lambda path, whole: torch.save({"model": torch.zeros(2)}, path),
    "no dict": lambda path, whole: torch.save(torch.zeros(2), path),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN.keys())
def test_load_weights__foreign_file_is_one_sentence(
    make: Callable[[Path, bytes], Any], file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "some.pt"
    make(path, file.read_bytes())
    with pytest.raises(WeightsError) as caught:
        load_weights(path)
    assert "some.pt is no weights file of Epochal" in str(caught.value)
    assert "expected a file such as RUN/weights/best.pt" in str(caught.value)


def test_load_weights__an_onnx_file_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "best.onnx").write_bytes(b"x")
    with pytest.raises(
        WeightsError, match=r"is an ONNX file, which can only be run; expected a file such as .*best\.pt"
    ):
        load_weights(tmp_path / "best.onnx")


def test_load_weights__absent(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.pt", tmp_path):
        with pytest.raises(WeightsError, match="no weights file at"):
            load_weights(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "schema 2, this version reads 1: update"),
        ({"model": "fast-xxl"}, "names the model 'fast-xxl'; expected one of fast-n"),
        ({"class_names": None}, "expected a list of class names, got None"),
        ({"class_names": []}, "expected a list of class names, got"),
        ({"class_names": [1, 2, 3]}, "expected a list of class names, got"),
        ({"canvas_wh": [100, 64]}, r"two multiples of 32, got \[100, 64\]"),
        ({"canvas_wh": [64]}, "two multiples of 32"),
        ({"canvas_wh": [-32, 64]}, "two multiples of 32"),
        ({"canvas_wh": [3200000, 64]}, "two multiples of 32"),
        ({"state": None}, "holds no tensors"),
        ({"state": {"a": 1}}, "holds no tensors"),
        ({"state": {}}, "does not fit fast-n"),
        ({"class_names": ["one"]}, "does not fit fast-n"),
        ({"model": "fast-s"}, "does not fit fast-s"),
    ],
)
def test_load_weights__damaged_content_is_one_sentence(change: dict[str, Any], message: str, file: Path,
                                                       tmp_path: Path) -> None:  # fmt: skip
    path = tmp_path / "damaged.pt"
    torch.save(torch.load(file, weights_only=True) | change, path)
    with pytest.raises(WeightsError, match=message):
        load_weights(path)


def test_save_atomically__full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "best.pt"
    save_atomically({"a": torch.zeros(2)}, path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("epochal.storage.whole_files.os.fsync", full)
    with pytest.raises(StorageFull, match=r"best\.pt.*Free some space"):
        save_atomically({"a": torch.ones(2)}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["best.pt"]


def test_copy_matching__all_but_the_class_outputs(file: Path) -> None:
    net = FastNet("fast-n", 7)
    taken = copy_matching(net, file, tuple("abcdefg"))
    assert taken.in_all - taken.tensors == 6  # weight and bias of three class outputs
    assert taken.new_classes == tuple("abcdefg")
    assert torch.equal(
        net.state_dict()["neck.lateral.0.0.weight"], load_weights(file).net.state_dict()["neck.lateral.0.0.weight"]
    )


def test_copy_matching__class_outputs_go_by_name(weights: Weights, file: Path) -> None:
    net = FastNet("fast-n", 4)
    fresh = [branch.output.weight.detach().clone() for branch in net.class_head]  # type: ignore[union-attr]  # the last layer
    taken = copy_matching(net, file, ("ä b", "bird", "cat", "dog"))
    assert (taken.tensors, taken.new_classes) == (taken.in_all, ("bird",))
    for own, before, given in zip(net.class_head, fresh, weights.net.class_head, strict=True):
        assert torch.equal(own.output.weight[[0, 2, 3]], given.output.weight[[2, 0, 1]])  # type: ignore[union-attr]  # the last layer
        assert torch.equal(own.output.bias[[0, 2, 3]], given.output.bias[[2, 0, 1]])  # type: ignore[union-attr]  # the last layer
        assert torch.equal(own.output.weight[1], before[1])  # type: ignore[union-attr]  # the last layer
        assert own.output.bias[1].item() == pytest.approx(-4.595)  # type: ignore[union-attr]  # the last layer


def test_copy_matching__equally_many_other_classes_take_no_output_over(file: Path) -> None:
    taken = copy_matching(FastNet("fast-n", 3), file, ("x", "y", "z"))
    assert taken.in_all - taken.tensors == 6


@pytest.mark.parametrize(
    ("change", "size", "message"),
    [
        ({}, "fast-m", r"odd\.pt is fast-n, not fast-m; choose the model fast-n"),
        ({"state": {"a": torch.zeros(2)}}, "fast-n", "shares no tensor with fast-n"),
    ],
)
def test_copy_matching__of_another_net(
    change: dict[str, Any], size: str, message: str, file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "odd.pt"
    torch.save(torch.load(file, weights_only=True) | change, path)
    with pytest.raises(WeightsError, match=message):
        copy_matching(FastNet(size, 3), path, NAMES)


def test_for_classes__answers_in_the_order_wanted() -> None:
    weights = random_weights(3)
    turned = for_classes(weights, ("ä b", "bird", "cat"))
    assert turned.class_names == ("ä b", "bird", "cat")
    images = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before, after = (w.net(images) for w in (weights, turned))
    assert torch.equal(before[0], after[0])
    assert torch.allclose(after[1][..., [0, 2]], before[1][..., [2, 0]], atol=1e-5)
    assert (after[1][..., 1].sigmoid() < 1e-9).all()
    assert weights.class_names == NAMES
    assert weights.net.class_count == 3
