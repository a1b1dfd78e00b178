"""`epochal.client` against a real server: what people hand it, right and wrong. Run: pytest this file."""

import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from epochal.client import connect
from epochal.client.workspace import Project, Workspace
from epochal.errors import BadInput, EpochalError, NotFound, NotSignedIn
from epochal.server.services import Services
from epochal.workspaces.workspaces import ensure_first_workspace
from server.at_work import AtWork, add_working_model, picture

BOX = (
    "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
    "</object></annotation>"
)


@pytest.fixture
def lab(client: httpx.Client, make_key: Callable[..., str]) -> Iterator[Workspace]:
    made = connect(str(client.base_url), make_key())
    with made.client:
        yield made


@pytest.fixture
def project(lab: Workspace) -> Project:
    return lab.create_project(f"Client {time.time_ns()}")


@pytest.fixture(scope="module")
def at_work(served: Services) -> AtWork:
    with served.database.write() as session:
        workspace = ensure_first_workspace(session)
    return add_working_model(served.database, served.blobs, workspace.id, f"client {time.time_ns()}")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A labelled picture, and what lies about in a folder that people work in."""
    folder = tmp_path / "ph ö tos"
    for name, data in {
        "a b.png": picture(1), "a b.xml": BOX.encode(), ".git/c.png": picture(2), "epochal-data/d.png": picture(3),
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_upload__a_folder_as_it_is_read_here__or_one_picture__named_by_text_too(project: Project, photos: Path) -> None:
    made = project.upload(str(photos))
    assert (made["images"], made["annotated"], made["format"]) == (1, 1, "voc")
    (photos.parent / "one.png").write_bytes(picture(4))
    assert project.upload(photos.parent / "one.png")["images"] == 1


def test_upload__what_is_none_is_told_by_its_own_name(project: Project, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("notes.txt", "x")
    for source, message in {
        "none": "does not exist", "notes.txt": "neither a folder nor a zip nor a picture",
        "empty": "the zip holds no images", "empty.zip": "the zip holds no images",
    }.items():  # fmt: skip
        with pytest.raises(BadInput, match=message) as caught:
            project.upload(tmp_path / source)
        assert source in str(caught.value)


def test_model__is_found_by_its_version_and_asked_with_a_path_as_text(
    lab: Workspace, at_work: AtWork, tmp_path: Path
) -> None:
    model = lab.model(f"{at_work.slug}/1")
    assert model.fields["slug"] == at_work.model_slug
    (tmp_path / "p.png").write_bytes(picture())
    boxes = model.predict(str(tmp_path / "p.png"), confidence=0.3, overlap=0.65)
    assert json.loads(json.dumps(boxes))[0]["class_name"] in model.fields["classes"]
    assert model.download("best.onnx", str(tmp_path / "got.onnx")).read_bytes() == at_work.onnx
    wrong: list[tuple[type[EpochalError], str, Callable[[], Any]]] = [
        (NotFound, "is no file; name a picture", lambda: model.predict(tmp_path)),
        (BadInput, "is a folder; name the file to write", lambda: model.download("best.onnx", tmp_path)),
        (NotFound, "has no file 'nope'", lambda: model.download("nope", tmp_path / "x")),
        (BadInput, "iou: this name is not known", lambda: model.predict(tmp_path / "p.png", iou=0.5)),
    ]
    for kind, message, ask in wrong:
        with pytest.raises(kind, match=message):
            ask()


def test_generate__settings_that_are_no_dict(project: Project) -> None:
    with pytest.raises(BadInput, match="settings is a str; expected a dict"):
        project.generate("resize")  # type: ignore[arg-type]  # what is refused


def test_connect__with_a_key_that_no_header_holds(client: httpx.Client) -> None:
    for key in ("ep_猫", "ep_a\nb"):
        with pytest.raises(NotSignedIn, match="other signs than letters and digits"):
            connect(str(client.base_url), key)
