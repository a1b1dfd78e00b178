"""Contract §6: batches, annotation jobs, and the administration of the annotation board."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy.orm import Session

from epochal.datasets.annotation_jobs import (
    AnnotationJob,
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
from epochal.datasets.batches import Batch, delete_batch, find_batch, list_batches, merge_batches, split_batch
from epochal.datasets.images import delete_images
from epochal.datasets.projects import Project, find_project
from epochal.datasets.searching import ImageFilter, search_project
from epochal.datasets.uploads import parse_split
from epochal.errors import BadInput
from epochal.server.callers import Caller, CanRead, CanWrite
from epochal.server.roboflow.forms import Json, read_count, read_ids, read_text
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.services import Served

project_router = roboflow_router()
JOBS, BATCHES = "/{workspace}/{project}/annotation-jobs", "/{workspace}/{project}/annotation-batches"


@project_router.get("/{workspace}/{project}/batches")
def get_batches(workspace: str, project: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """The batches of a project, the newest first."""
    with served.database.read() as session:
        batches = list_batches(session, _project(session, caller, project).id)
    return {"batches": [_batch(batch) for batch in batches]}


@project_router.get("/{workspace}/{project}/batches/{batch_id}")
def get_batch(workspace: str, project: str, batch_id: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """One batch, told without anything around it."""
    with served.database.read() as session:
        return _batch(find_batch(session, _project(session, caller, project).id, batch_id))


@project_router.get(BATCHES)
def list_board_batches(
    workspace: str,
    project: str,
    caller: CanRead,
    served: Served,
    limit: int = 50,
    after: str = "",
    show_empty: Annotated[bool, Query(alias="showEmpty")] = False,
) -> dict[str, Any]:
    """The batches, a page."""
    with served.database.read() as session:
        batches = list_batches(session, _project(session, caller, project).id, with_empty=show_empty)
    return _page("batches", [_batch(batch) for batch in batches], limit, after)


@project_router.post(BATCHES)
def split_board_batch(workspace: str, project: str, form: Json, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Move images of a batch into another."""
    with served.database.write() as session:
        project_id = _project(session, caller, project).id
        name = str(form.get("name") or "New batch")
        return _batch(
            split_batch(session, project_id, str(form.get("sourceBatchId")), read_ids(form, "imageIds"), name)
        )


@project_router.post(BATCHES + "/merge")
def merge_board_batches(workspace: str, project: str, form: Json, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Make one batch of several."""
    with served.database.write() as session:
        project_id = _project(session, caller, project).id
        return _batch(
            merge_batches(session, project_id, read_ids(form, "sourceBatchIds"), str(form.get("targetBatchId")))
        )


@project_router.get(BATCHES + "/{batch_id}")
def get_board_batch(workspace: str, project: str, batch_id: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """One batch."""
    return get_batch(workspace, project, batch_id, caller, served)


@project_router.delete(BATCHES + "/{batch_id}")
def delete_board_batch(
    workspace: str, project: str, batch_id: str, caller: CanWrite, served: Served, permanent: bool = False
) -> dict[str, Any]:
    """Remove a batch; its images go into the default one, or into the trash with `permanent`."""
    with served.database.write() as session:
        project_id = _project(session, caller, project).id
        ids = [image.id for image in _images(session, project_id, ImageFilter(batch_id=batch_id))]
        if permanent:
            delete_images(session, [project_id], ids)
        elif ids:
            split_batch(session, project_id, batch_id, ids, "Unassigned")
        delete_batch(session, project_id, batch_id)
    return {"deleted": True, "id": batch_id}


@project_router.get(BATCHES + "/{batch_id}/images")
def list_batch_images(
    workspace: str, project: str, batch_id: str, caller: CanRead, served: Served, limit: int = 50, after: str = ""
) -> dict[str, Any]:
    """The images of a batch, a page."""
    with served.database.read() as session:
        project_id = _project(session, caller, project).id
        find_batch(session, project_id, batch_id)
        return _image_page(session, project_id, ImageFilter(batch_id=batch_id), limit, after)


@project_router.get("/{workspace}/{project}/jobs")
def get_jobs(workspace: str, project: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """The annotation jobs of a project, the newest first."""
    with served.database.read() as session:
        found = _project(session, caller, project)
        return {"jobs": [_job(caller, found, job) for job in list_jobs(session, found.id)]}


@project_router.get("/{workspace}/{project}/jobs/{job_id}")
def get_job(workspace: str, project: str, job_id: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """One job."""
    with served.database.read() as session:
        found = _project(session, caller, project)
        return _job(caller, found, find_job(session, found.id, job_id))


@project_router.post("/{workspace}/{project}/jobs")
@project_router.post(JOBS)
def make_job(workspace: str, project: str, form: Json, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Give images of a batch to somebody."""
    assignees = form.get("assignees") or []
    with served.database.write() as session:
        found = _project(session, caller, project)
        job = create_job(
            session,
            found.id,
            name=str(form.get("name") or ""),
            batch_id=read_text(form, "batch", "batchId"),
            image_count=read_count(form, "num_images", "numImages") or None,
            labeler=read_text(form, "labelerEmail")
            or (str(assignees[0]) if isinstance(assignees, list) and assignees else ""),
            reviewer=read_text(form, "reviewerEmail") or "",
            instructions=read_text(form, "instructionText", "instructions") or "",
            created_by=caller.actor,
        )
        return _job(caller, found, job)


@project_router.get(JOBS)
def list_board_jobs(
    workspace: str,
    project: str,
    caller: CanRead,
    served: Served,
    limit: int = 50,
    after: str = "",
    show_empty: Annotated[bool, Query(alias="showEmpty")] = False,
) -> dict[str, Any]:
    """The jobs, a page."""
    with served.database.read() as session:
        found = _project(session, caller, project)
        jobs = [job for job in list_jobs(session, found.id) if show_empty or job.image_count]
    return _page("jobs", [_job(caller, found, job) for job in jobs], limit, after)


@project_router.post(JOBS + "/reassign-images")
def reassign(workspace: str, project: str, form: Json, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Give images to somebody else, in a new job."""
    image_ids = read_ids(form, "imageIds")
    if not image_ids:
        raise BadInput("imageIds is empty; expected the ids of the images that somebody else shall label.")
    with served.database.write() as session:
        found = _project(session, caller, project)
        job = create_job(
            session,
            found.id,
            name=read_text(form, "name") or "",
            image_ids=image_ids,
            labeler=read_text(form, "labelerEmail") or "",
            reviewer=read_text(form, "reviewerEmail") or "",
            instructions=read_text(form, "instructions") or "",
            created_by=caller.actor,
        )
        return _job(caller, found, job)


@project_router.get(JOBS + "/{job_id}")
def get_board_job(workspace: str, project: str, job_id: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """One job."""
    return get_job(workspace, project, job_id, caller, served)


@project_router.patch(JOBS + "/{job_id}")
def change_board_job(
    workspace: str, project: str, job_id: str, form: Json, caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Another labeler, reviewer or instructions."""
    with served.database.write() as session:
        found = _project(session, caller, project)
        wanted = {"labeler": form.get("labelerEmail"), "reviewer": form.get("reviewerEmail")}
        job = change_job(session, found.id, job_id, **wanted, instructions=form.get("instructions"))
        return _job(caller, found, job)


@project_router.get(JOBS + "/{job_id}/images")
def list_job_images(
    workspace: str, project: str, job_id: str, caller: CanRead, served: Served, limit: int = 50, after: str = ""
) -> dict[str, Any]:
    """The images of a job, a page."""
    with served.database.read() as session:
        project_id = _project(session, caller, project).id
        find_job(session, project_id, job_id)
        return _image_page(session, project_id, ImageFilter(job_id=job_id), limit, after)


@project_router.post(JOBS + "/{job_id}/images")
def add_images(
    workspace: str, project: str, job_id: str, form: Json, caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Move images into a job."""
    with served.database.write() as session:
        found = _project(session, caller, project)
        return _job(caller, found, add_job_images(session, found.id, job_id, read_ids(form, "imageIds")))


@project_router.post(JOBS + "/{job_id}/images/status")
def review_many(
    workspace: str, project: str, job_id: str, form: Json, caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Set the review of all images of a job that have a certain one."""
    with served.database.write() as session:
        project_id = _project(session, caller, project).id
        status, current = str(form.get("status")), read_text(form, "currentStatus")
        return {"success": True, "updated": review_images(session, project_id, job_id, status, current_status=current)}


@project_router.post(JOBS + "/{job_id}/images/{image_id}/status")
def review_one(
    workspace: str, project: str, job_id: str, image_id: str, form: Json, caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Set the review of one image of a job."""
    with served.database.write() as session:
        project_id = _project(session, caller, project).id
        review_images(session, project_id, job_id, str(form.get("status")), image_id=image_id)
    return {"success": True, "id": image_id, "status": form.get("status")}


@project_router.post(JOBS + "/{job_id}/submit-review")
def submit_review(workspace: str, project: str, job_id: str, caller: CanWrite, served: Served) -> dict[str, Any]:
    """The labeler is done."""
    return _set_status(served, caller, project, job_id, "review")


@project_router.post(JOBS + "/{job_id}/return-edits")
def return_edits(
    workspace: str, project: str, job_id: str, form: Json, caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Back to a labeler."""
    return _set_status(served, caller, project, job_id, "assigned", read_text(form, "newLabelerEmail"))


@project_router.post(JOBS + "/{job_id}/accept")
def accept(workspace: str, project: str, job_id: str, form: Json, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Let images of a job join the dataset, in the splits that are said."""
    reviews = read_ids(form, "statusesToInclude") or ["approved", "annotated"]
    method = str(form.get("splitMethod") or "preset")
    with served.database.write() as session:
        project_id = _project(session, caller, project).id
        splits: list[tuple[str, int]] = []
        if method in ("train", "valid", "test"):
            splits = [(parse_split(method) or "train", find_job(session, project_id, job_id).image_count)]
        elif method == "split":
            counts = (("train", "trainCount"), ("val", "validCount"), ("test", "testCount"))
            splits = [(split, read_count(form, key)) for split, key in counts]
        elif method != "preset":
            raise BadInput(f"{method[:40]!r} is no way to split; expected preset, split, train, valid or test.")
        ids = read_ids(form, "imageIds") if form.get("imageIds") else None
        accepted = accept_images(session, project_id, job_id, reviews=reviews, image_ids=ids, splits=splits)
    return {"success": True, "accepted": accepted}


@project_router.post(JOBS + "/{job_id}/move-to-unassigned")
def move_to_unassigned(workspace: str, project: str, job_id: str, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Remove a job; its images wait in their batch again."""
    with served.database.write() as session:
        batch_id = dissolve_job(session, _project(session, caller, project).id, job_id)
    return {"success": True, "batchId": batch_id}


@project_router.delete(JOBS + "/{job_id}/annotations")
def delete_job_annotations(
    workspace: str, project: str, job_id: str, caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Take all boxes off the images of a job."""
    with served.database.write() as session:
        cleared = clear_job(session, _project(session, caller, project).id, job_id)
    return {"success": True, "cleared": cleared}


def _set_status(
    served: Served, caller: Caller, project: str, job_id: str, status: str, labeler: str | None = None
) -> dict[str, Any]:
    with served.database.write() as session:
        found = _project(session, caller, project)
        return _job(caller, found, change_job(session, found.id, job_id, status=status, labeler=labeler))


def _project(session: Session, caller: Caller, slug: str) -> Project:
    return find_project(session, caller.workspace_id, slug)


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "name": batch.name,
        "images": batch.images,
        "unannotated": batch.unannotated,
        "numJobs": batch.jobs,
        "uploaded": _time(batch.created_at),
        "status": "done" if batch.images and not batch.unannotated else "unassigned",
    }


def _job(caller: Caller, project: Project, job: AnnotationJob) -> dict[str, Any]:
    return {
        "id": job.id,
        "name": job.name,
        "status": job.status,
        "numImages": job.image_count,
        **job.images,
        "labeler": job.labeler,
        "reviewer": job.reviewer,
        "sourceBatch": job.batch_id,
        "project": project.slug,
        "created": _time(job.created_at),
        "createdBy": job.created_by,
        "owner": caller.workspace_slug,
        "instructionsText": job.instructions,
    }


def _time(seconds: float) -> dict[str, int]:
    return {"_seconds": int(seconds), "_nanoseconds": int(seconds % 1 * 1e9)}


def _page(key: str, items: Sequence[dict[str, Any]], limit: int, after: str) -> dict[str, Any]:
    ids = [item["id"] for item in items]
    start = ids.index(after) + 1 if after in ids else 0
    end = start + max(1, min(limit, 1000))
    return {key: items[start:end], "after": ids[end - 1] if end < len(ids) else None, "total": len(ids)}


def _image_page(session: Session, project_id: str, wanted: ImageFilter, limit: int, after: str) -> dict[str, Any]:
    found = search_project(session, project_id, wanted, limit=max(1, min(limit, 1000)), cursor=after or None)
    images = [{"id": image.id, "name": image.name, "status": image.review} for image in found.images]
    return {
        "images": images,
        "imageIds": [image.id for image in found.images],
        "after": found.cursor,
        "total": found.total,
    }


def _images(session: Session, project_id: str, wanted: ImageFilter) -> list[Any]:
    images: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = search_project(session, project_id, wanted, limit=1000, cursor=cursor or None)
        images += page.images
        cursor = page.cursor
    return images
