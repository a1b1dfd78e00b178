"""Work is given, reviewed, taken in; old trash goes: run pytest tests/datasets/test_annotation_jobs.py."""

import pytest
from project_rows import add_workspace, box, picture
from sqlalchemy import select

from epochal.datasets.annotation_jobs import (
    accept_images,
    add_job_images,
    change_job,
    clear_job,
    create_job,
    dissolve_job,
    find_job,
    list_jobs,
    review_images,
)
from epochal.datasets.batches import list_batches
from epochal.datasets.labels import set_annotations
from epochal.datasets.projects import create_project
from epochal.datasets.tables import ImageRow
from epochal.datasets.uploads import add_image
from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database


def test_a_job__goes_from_a_batch_through_review_into_the_dataset(both_databases: Database, blobs: BlobStore) -> None:
    lab = add_workspace(both_databases)
    with both_databases.write() as session:
        project = create_project(session, lab, name="Cells").id
        ids = [add_image(session, blobs, project, picture(i), name=f"{i}.jpg").id for i in range(4)]
        batch = list_batches(session, project)[0]
        job = create_job(session, project, batch_id=batch.id, image_count=3, labeler="a@x", reviewer="b@x")
        assert (job.status, job.image_count, job.images["unannotated"]) == ("assigned", 3, 3)
        assert add_job_images(session, project, job.id, ids[3:]).image_count == 4
        with pytest.raises(Conflict, match="no image that waits"):
            create_job(session, project, batch_id=batch.id)
        for no_batch in ("", "absent"):  # with images or without, a job names no batch that is not there
            with pytest.raises(NotFound):
                create_job(session, project, batch_id=no_batch, image_ids=[])
        for image_id in ids[:3]:
            set_annotations(session, project, image_id, [box("RBC")], joins_dataset=False)
        assert find_job(session, project, job.id).images == {
            "unannotated": 1, "annotated": 3, "approved": 0, "rejected": 0,
        }  # fmt: skip
        assert change_job(session, project, job.id, status="review").status == "review"
        with pytest.raises(BadInput):
            change_job(session, project, job.id, status="lost")
        assert review_images(session, project, job.id, "approved", current_status="annotated") == 3
        assert review_images(session, project, job.id, "rejected", image_id=ids[0]) == 1
        with pytest.raises(NotFound):
            review_images(session, project, job.id, "approved", image_id="absent")
        assert accept_images(session, project, job.id, reviews=["approved"], splits=[("val", 1), ("test", 9)]) == 2
        rows = {row.id: row for row in session.scalars(select(ImageRow))}
        assert [rows[i].in_dataset for i in ids] == [False, True, True, False]
        assert [rows[i].split for i in ids[1:3]] == ["val", "test"]
        assert find_job(session, project, job.id).image_count == 2
        assert clear_job(session, project, job.id) == 2
        assert dissolve_job(session, project, job.id) == batch.id
        assert list_jobs(session, project) == []
        assert rows[ids[0]].job_id is None
