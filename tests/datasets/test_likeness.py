"""Images that look alike are found, the nearest first. Run: pytest tests/datasets/test_likeness.py."""

import pytest
from project_rows import add_workspace, scene

from epochal.datasets.images import change_image, delete_images
from epochal.datasets.likeness import find_alike, hash_images
from epochal.datasets.projects import create_project
from epochal.datasets.searching import ImageFilter
from epochal.datasets.uploads import add_image
from epochal.errors import NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database


class Album:
    """A project of one scene in three ways, and twenty others."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self.database, self.blobs = database, blobs
        with database.write() as session:
            self.project = create_project(session, add_workspace(database), name="Clouds").id
            sent = {"scene.jpg": scene(1), "half.jpg": scene(1, (80, 60)), "bright.jpg": scene(1, brightness=1.2)}
            sent |= {f"other-{seed}.jpg": scene(seed) for seed in range(2, 22)}
            self.ids = {
                name: add_image(session, blobs, self.project, data, name=name).id for name, data in sent.items()
            }

    def hash(self, **how: object) -> bool:
        return hash_images(self.database, self.blobs, self.project, **how)  # type: ignore[arg-type]

    def find(self, like: str, **how: object) -> list[str]:
        wanted = how.pop("wanted", ImageFilter())
        with self.database.read() as session:
            found = find_alike(session, self.project, like, wanted, **how)  # type: ignore[arg-type]
        return [image.name for image in found.images]


@pytest.fixture
def album(database: Database, blobs: BlobStore) -> Album:
    return Album(database, blobs)


def test_find_alike__gives_the_same_scene_and_itself_first(album: Album) -> None:
    assert album.hash() is True
    for like in ("scene.jpg", album.ids["scene.jpg"]):
        found = album.find(like)
        assert found[0] == "scene.jpg"
        assert set(found[:3]) == {"scene.jpg", "half.jpg", "bright.jpg"}
        assert not [name for name in found if name.startswith("other")]
    assert album.find("half.jpg")[0] == "half.jpg"


def test_find_alike__goes_by_pages_and_keeps_to_its_filter(album: Album) -> None:
    album.hash()
    whole = album.find("scene.jpg")
    assert [name for at in range(3) for name in album.find("scene.jpg", offset=at, limit=1)] == whole
    with album.database.write() as session:
        change_image(session, album.project, album.ids["half.jpg"], split="test")
        delete_images(session, [album.project], [album.ids["bright.jpg"]])
    assert album.find("scene.jpg", wanted=ImageFilter(split="test")) == ["half.jpg"]
    assert "bright.jpg" not in album.find("scene.jpg")
    with pytest.raises(NotFound, match="the id or the name"):
        album.find("bright.jpg")
    with pytest.raises(NotFound, match="the id or the name"):
        album.find("absent")


def test_hash_images__does_the_one_that_is_asked_for_first_and_the_rest_later(album: Album) -> None:
    with pytest.raises(NotFound, match="could not be decoded"):
        album.find("scene.jpg")
    assert album.hash(first="scene.jpg", most=0) is False
    assert album.find("scene.jpg") == ["scene.jpg"]
    assert album.hash(most=5) is False
    assert album.hash(is_cancelled=lambda: True) is False
    assert album.hash() is True
    assert len(album.find("scene.jpg")) == 3
