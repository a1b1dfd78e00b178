"""Images come into a project once. Run: pytest tests/datasets/test_uploads.py."""

import threading

import numpy as np
import pytest
from project_rows import add_workspace, box, picture
from sqlalchemy import func, select

from epochal.datasets.batches import delete_batch, find_batch, list_batches, merge_batches, rename_batch, split_batch
from epochal.datasets.labels import accept_drafts, clear_annotations, read_annotations, set_annotations
from epochal.datasets.project_dataset import load_dataset
from epochal.datasets.projects import create_project
from epochal.datasets.tables import ImageRow
from epochal.datasets.uploads import add_image, inspect_image, keep_image, record_image, shown_name
from epochal.errors import BadInput, Conflict, DatasetError, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database


@pytest.fixture
def project_id(both_databases: Database) -> str:
    lab = add_workspace(both_databases)
    with both_databases.write() as session:
        return create_project(session, lab, name="Cells").id


def test_add_image__keeps_the_bytes_once_and_says_what_they_are(
    both_databases: Database, blobs: BlobStore, project_id: str
) -> None:
    data = picture(1, (60, 40))
    with both_databases.write() as session:
        first = add_image(session, blobs, project_id, data, name="C:\\pics\\a.jpg", split="valid", tags=["x", "x"])
        again = add_image(session, blobs, project_id, data, name="b.jpg", split="test", batch_name="later")
        row = session.get_one(ImageRow, first.id)
    assert (first.is_duplicate, again.is_duplicate, again.id) == (False, True, first.id)
    assert (row.name, row.split, row.media_type, row.width_px, row.height_px) == ("a.jpg", "val", "image/jpeg", 60, 40)
    assert (row.in_dataset, row.is_labelled, row.size_bytes) == (False, False, len(data))
    assert blobs.get(row.sha256) == data


def test_add_image__takes_the_size_as_displayed(both_databases: Database, blobs: BlobStore, project_id: str) -> None:
    from PIL import Image as PillowImage

    exif = PillowImage.Exif()
    exif[0x0112] = 6
    with both_databases.write() as session:
        added = add_image(session, blobs, project_id, picture(1, (60, 40), exif=exif), name="turned.jpg")
        row = session.get_one(ImageRow, added.id)
    assert (row.width_px, row.height_px) == (40, 60)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"GIF89a<script>", "damaged|no image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no image"),
        (picture(1)[:200], "damaged"),
    ],
)
def test_inspect_image__refuses_what_is_no_picture(data: bytes, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        inspect_image(data, "evil.jpg")


def test_inspect_image__refuses_a_bomb_by_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPOCHAL_MAX_IMAGE_PIXELS", "1000")
    with pytest.raises(DatasetError, match="60 × 40 pixels"):
        inspect_image(picture(1), "bomb.jpg")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"split": "holdout"}, "expected train, valid or test"),
        ({"tags": [f"t{i}" for i in range(101)]}, "at most 100 tags"),
        ({"metadata": {"a": {"b": 1}}}, "is dict"),
        ({"metadata": {"a": "x" * 30_000}}, "at most 20,000"),
        ({"batch_name": "b" * 301}, "300 printable"),
    ],
)
def test_add_image__says_what_is_wrong_with_what_is_said_of_it(
    database: Database, blobs: BlobStore, more: dict[str, object], message: str
) -> None:
    lab = add_workspace(database)
    with database.write() as session:
        project_id = create_project(session, lab, name="Cells").id
        with pytest.raises(BadInput, match=message):
            add_image(session, blobs, project_id, picture(1), name="a.jpg", **more)  # type: ignore[arg-type]


def test_uploads_of_many_threads__keep_every_image_once(
    both_databases: Database, blobs: BlobStore, project_id: str
) -> None:
    """Each of 12 pictures is sent by 6 threads at once; exactly one of them is told that it is new."""
    pictures = [picture(i) for i in range(12)]
    news: list[str] = []
    failures: list[BaseException] = []

    def send() -> None:
        try:
            for number, data in enumerate(pictures):
                inspected = inspect_image(data, "a.jpg")
                keep_image(blobs, inspected)
                added = both_databases.write_grouped(
                    lambda session, inspected=inspected, number=number: record_image(  # type: ignore[misc]
                        session, project_id, inspected, name=f"{number}.jpg", batch_name=f"batch {number % 3}"
                    )
                )
                if not added.is_duplicate:
                    news.append(added.id)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with both_databases.read() as session:
        ids = session.scalars(select(ImageRow.id)).all()
        batches = list_batches(session, project_id)
    assert sorted(news) == sorted(ids)
    assert len(ids) == 12
    assert sorted((batch.name, batch.images) for batch in batches) == [("batch 0", 4), ("batch 1", 4), ("batch 2", 4)]


def test_an_image_from_the_trash__comes_back_as_if_it_were_new(
    both_databases: Database, blobs: BlobStore, project_id: str
) -> None:
    with both_databases.write() as session:
        old = add_image(session, blobs, project_id, picture(1), name="a.jpg", tags=["old"])
        set_annotations(session, project_id, old.id, [box("RBC")])
        session.get_one(ImageRow, old.id).deleted_at = 5.0
        session.flush()
        back = add_image(session, blobs, project_id, picture(1), name="b.jpg", tags=["new"])
        row = session.get_one(ImageRow, back.id)
        boxes = read_annotations(session, project_id, [back.id])
    assert not back.is_duplicate
    assert (row.name, row.deleted_at, row.is_labelled, boxes[back.id]) == ("b.jpg", None, False, [])


def test_set_annotations__makes_classes_cuts_boxes_and_joins_the_dataset(
    both_databases: Database, blobs: BlobStore, project_id: str
) -> None:
    with both_databases.write() as session:
        image_id = add_image(session, blobs, project_id, picture(1), name="a.jpg").id
        count = set_annotations(
            session, project_id, image_id, [box("RBC", -5, 1, 30, 99), box("WBC", 100, 100, 120, 120)]
        )
        boxes = read_annotations(session, project_id, [image_id])[image_id]
        row = session.get_one(ImageRow, image_id)
        with pytest.raises(Conflict, match="already annotated"):
            set_annotations(session, project_id, image_id, [], overwrite=False)
        with pytest.raises(BadInput, match="no box"):
            set_annotations(session, project_id, image_id, [box("RBC", 0, 0, float("nan"), 5)])
        with pytest.raises(NotFound):
            set_annotations(session, "another", image_id, [])
    assert (count, [(b.class_name, b.box_xyxy) for b in boxes]) == (1, [("RBC", (0.0, 1.0, 30.0, 40.0))])
    assert (row.is_labelled, row.in_dataset, row.review) == (True, True, "annotated")


def test_proposals_of_a_model__stay_drafts_until_somebody_takes_them(
    both_databases: Database, blobs: BlobStore, project_id: str
) -> None:
    with both_databases.write() as session:
        image_id = add_image(session, blobs, project_id, picture(1), name="a.jpg").id
        set_annotations(session, project_id, image_id, [box("RBC", confidence=0.8)], source="model", is_draft=True)
        row = session.get_one(ImageRow, image_id)
        assert (row.is_labelled, row.in_dataset) == (False, False)
        draft = read_annotations(session, project_id, [image_id])[image_id][0]
        assert (draft.is_draft, draft.source, draft.confidence) == (True, "model", 0.8)
        assert load_dataset(session, blobs, project_id, only_in_dataset=False).annotation_count == 0
        accept_drafts(session, project_id, image_id)
        assert (row.is_labelled, row.in_dataset) == (True, True)
        with pytest.raises(Conflict, match="already annotated by a person"):
            set_annotations(session, project_id, image_id, [], source="model", is_draft=True)
        clear_annotations(session, project_id, image_id)
        assert (row.is_labelled, row.in_dataset) == (False, False)


def test_load_dataset__is_the_project_as_a_dataset(both_databases: Database, blobs: BlobStore, project_id: str) -> None:
    with both_databases.write() as session:
        ids = [
            add_image(session, blobs, project_id, picture(i), name=name, split=split, tags=["b", "a"]).id
            for i, (name, split) in enumerate([("x.jpg", "train"), ("X.jpg", "valid"), ("null.jpg", None)])
        ]
        add_image(session, blobs, project_id, picture(9), name="waiting.jpg")
        set_annotations(session, project_id, ids[0], [box("RBC", 1, 2, 3, 4), box("WBC", 5, 5, 9, 9, is_crowd=True)])
        set_annotations(session, project_id, ids[1], [box("WBC", 0, 0, 60, 40)])
        set_annotations(session, project_id, ids[2], [])
        dataset = load_dataset(session, blobs, project_id)
        everything = load_dataset(session, blobs, project_id, only_in_dataset=False)
    by_id = {image.sha256: image for image in dataset.images}
    assert dataset.class_names == ("RBC", "WBC")
    assert sorted(image.name for image in dataset.images) == sorted(["x.jpg", f"X-{ids[1]}.jpg", "null.jpg"])
    assert len(everything.images) == 4
    first = next(image for image in dataset.images if image.name == "x.jpg")
    assert np.array_equal(first.boxes_xyxy, [[1, 2, 3, 4], [5, 5, 9, 9]])
    assert (first.class_id.tolist(), first.is_crowd.tolist(), first.tags) == ([0, 1], [False, True], ("a", "b"))
    assert all(image.path.read_bytes() == picture(i) for i, image in enumerate(by_id[s] for s in _order(dataset, ids)))
    null = next(image for image in dataset.images if image.name == "null.jpg")
    assert (null.labelled, len(null.boxes_xyxy), null.split) == (True, 0, None)


def _order(dataset: object, ids: list[str]) -> list[str]:
    """The hashes of the images in the order in which they were uploaded."""
    from epochal.storage.blobs import hash_bytes

    return [hash_bytes(picture(i)) for i in range(len(ids))]


def test_batches__are_renamed_split_merged_and_removed_when_empty(
    both_databases: Database, blobs: BlobStore, project_id: str
) -> None:
    with both_databases.write() as session:
        ids = [
            add_image(session, blobs, project_id, picture(i), name=f"{i}.jpg", batch_name="a" if i < 3 else "b").id
            for i in range(4)
        ]
        set_annotations(session, project_id, ids[0], [])
        first = next(batch for batch in list_batches(session, project_id) if batch.name == "a")
        second = next(batch for batch in list_batches(session, project_id) if batch.name == "b")
        assert (first.images, first.unannotated) == (3, 2)
        with pytest.raises(Conflict):
            rename_batch(session, project_id, first.id, "b")
        with pytest.raises(Conflict, match="holds 3 images"):
            delete_batch(session, project_id, first.id)
        part = split_batch(session, project_id, first.id, ids[:1], "part")
        with pytest.raises(NotFound):
            split_batch(session, project_id, first.id, [ids[3]], "part")
        assert (part.images, find_batch(session, project_id, first.id).images) == (1, 2)
        assert merge_batches(session, project_id, [first.id, part.id], second.id).images == 4
        assert [batch.name for batch in list_batches(session, project_id)] == ["b"]
    with both_databases.read() as session:
        assert session.scalar(select(func.count()).select_from(ImageRow)) == 4


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("..", "image"),
        (".", "image"),
        ("a/../..", "image"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b\x1b[31m.jpg", "ab[31m.jpg"),
        ("C:\\x\\y.jpg", "y.jpg"),
        ("/", "image"),
        ("<img onerror=alert(1)>.jpg", "<img onerror=alert(1)>.jpg"),
        ("x" * 500 + ".jpg", "x" * 396 + ".jpg"),
    ],
)
def test_shown_name__is_text_and_never_a_path(name: str, shown: str) -> None:
    assert shown_name(name) == shown
