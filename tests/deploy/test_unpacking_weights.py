"""Weights are found in what was uploaded; nothing is unpickled. Run: pytest tests/deploy/test_unpacking_weights.py."""

import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from detectors.nets import random_weights, write_weights
from epochal.deploy.unpacking_weights import unpack_weights
from epochal.errors import BadInput, WeightsError


class _Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("unpickled",)


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _foreign_pt() -> bytes:
    out = io.BytesIO()
    torch.save({"model.0.weight": torch.zeros(2)}, out)
    return out.getvalue()


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_unpack_weights__as_the_clients_pack_them(tmp_path: Path) -> None:
    artifacts = {"names": {"0": "a", "1": "b", "10": "c"}, "model_type": "yolov8n", "ultralytics_version": "8.0.196"}
    members = {"state_dict.pt": _foreign_pt(), "model_artifacts.json": json.dumps(artifacts).encode()}
    found = unpack_weights(_zip(tmp_path / "x", members), _folder(tmp_path), 10**6)
    assert (found.kind, found.class_names) == ("pytorch", ("a", "b", "c"))
    assert found.about["model_type"] == "yolov8n"
    assert found.path.read_bytes() == members["state_dict.pt"]


def test_unpack_weights__class_names_of_a_text_file(tmp_path: Path) -> None:
    members = {"weights.pt": _foreign_pt(), "class_names.txt": b"background_class83422\ncat\ndog\n"}
    assert unpack_weights(_zip(tmp_path / "x", members), _folder(tmp_path), 10**6).class_names == ("cat", "dog")


def test_unpack_weights__ours_bare_and_packed(tmp_path: Path) -> None:
    path = write_weights(tmp_path / "best.pt", random_weights())
    packed = _zip(tmp_path / "x.zip", {"deep/best.pt": path.read_bytes()})
    for upload, name in ((packed, "one"), (path, "two")):
        (folder := tmp_path / name).mkdir()
        assert unpack_weights(upload, folder, 10**8).kind == "ours"


def test_unpack_weights__an_onnx_file_goes_before_a_pickled_one(tmp_path: Path) -> None:
    members = {"a.pt": _foreign_pt(), "b.onnx": b"\x08\x09net"}
    found = unpack_weights(_zip(tmp_path / "x", members), _folder(tmp_path), 10**6)
    assert (found.kind, found.path.read_bytes()) == ("onnx", b"\x08\x09net")


def test_unpack_weights__nothing_is_unpickled_and_no_name_leads_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inner = _zip(tmp_path / "inner", {"archive/data.pkl": pickle.dumps(_Bomb())})
    members = {"../../outside.pt": inner.read_bytes()}
    found = unpack_weights(_zip(tmp_path / "x", members), _folder(tmp_path), 10**6)
    assert found.kind == "pytorch"
    assert found.path.parent == tmp_path / "out"
    assert not (tmp_path / "unpickled").exists()
    assert not (tmp_path.parent / "outside.pt").exists()


@pytest.mark.parametrize(
    ("members", "error", "message"),
    [
        ({"readme.txt": b"x"}, WeightsError, "no weights; expected a file that ends in .onnx or .pt, got readme.txt"),
        ({"a.pt": b"0" * 3_000_000}, BadInput, "unpacks to more than 1,000,000 bytes"),
        ({f"{n}.txt": b"" for n in range(300)}, BadInput, "300 files"),
        ({"a.pt": b"x", "model_artifacts.json": b"{"}, WeightsError, "no JSON"),
        ({"a.pt": b"x", "class_names.txt": b"x" * 2_000_000}, BadInput, "class_names.txt in the zip has more"),
    ],
)
def test_unpack_weights__what_is_wrong_is_told(
    members: dict[str, bytes], error: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        unpack_weights(_zip(tmp_path / "x", members), _folder(tmp_path), 10**6)


def test_unpack_weights__empty_and_damaged(tmp_path: Path) -> None:
    (empty := tmp_path / "empty").write_bytes(b"")
    with pytest.raises(WeightsError, match="The upload is empty"):
        unpack_weights(empty, _folder(tmp_path), 10**6)
    data = bytearray(_zip(tmp_path / "x", {"a.pt": os.urandom(20_000)}).read_bytes())
    data[5000:5100] = bytes(100)
    (damaged := tmp_path / "damaged").write_bytes(data)
    with pytest.raises(WeightsError, match="The zip is damaged"):
        unpack_weights(damaged, tmp_path / "out", 10**6)
