"""Annotation jobs of a project: give images to somebody, review them, take them into the dataset."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from epochal.datasets.annotation_jobs import (
    AnnotationJob,
    accept_images,
    change_job,
    create_job,
    dissolve_job,
    find_job,
    list_jobs,
    review_images,
)
from epochal.datasets.projects import find_project
from epochal.server.answers import Form, RequestForm
from epochal.server.callers import CanRead, CanWrite
from epochal.server.services import Served

router = APIRouter(prefix="/api/workspaces/{workspace}/projects/{project}/annotation-jobs", tags=["annotating"])
Id = Annotated[str, Path(max_length=60)]
Text = Annotated[str, Field(max_length=5000)]
Review = Literal["unannotated", "annotated", "approved", "rejected"]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class JobAnswer(Form):
    """Work for somebody."""

    id: str
    name: str
    status: Literal["unassigned", "assigned", "review", "complete"]
    batch_id: str | None
    labeler: str
    reviewer: str
    instructions: str
    created_by: str
    created_at: float
    images: Annotated[dict[str, int], Field(description="By review: unannotated, annotated, approved, rejected.")]


class JobList(Form):
    """The jobs of a project, the newest first."""

    jobs: list[JobAnswer]


class NewJob(RequestForm):
    """Images for somebody: those of a batch that wait there, or some by their ids."""

    name: Annotated[str, Field(max_length=200)] = ""
    batch_id: str | None = None
    image_ids: Annotated[list[str], Field(max_length=10_000)] | None = None
    image_count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    labeler: Annotated[str, Field(max_length=300)] = ""
    reviewer: Annotated[str, Field(max_length=300)] = ""
    instructions: Text = ""


class JobChange(RequestForm):
    """What to change; null leaves it."""

    labeler: Annotated[str, Field(max_length=300)] | None = None
    reviewer: Annotated[str, Field(max_length=300)] | None = None
    instructions: Text | None = None
    status: Literal["unassigned", "assigned", "review", "complete"] | None = None


class JobReview(RequestForm):
    """The review of one image of the job, or of all that have a certain one now."""

    review: Review
    image_id: str | None = None
    current: Review | None = None


class AcceptForm(RequestForm):
    """Which labelled images join the dataset, and into which splits; those beyond the counts keep their own."""

    reviews: list[Review] = ["approved", "annotated"]  # noqa: RUF012  # pydantic copies it for each form
    image_ids: Annotated[list[str], Field(max_length=10_000)] | None = None
    train: Count = 0
    val: Count = 0
    test: Count = 0


class Changed(Form):
    """How many images."""

    images: int


@router.get("")
def get_jobs(workspace: str, project: str, caller: CanRead, served: Served) -> JobList:
    """The annotation jobs of a project."""
    with served.database.read() as session:
        jobs = list_jobs(session, find_project(session, caller.workspace_id, project).id)
    return JobList(jobs=[_answer(job) for job in jobs])


@router.post("", status_code=201)
def make_job(workspace: str, project: str, form: NewJob, caller: CanWrite, served: Served) -> JobAnswer:
    """Give images to somebody to label."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        return _answer(create_job(session, found.id, **form.model_dump(), created_by=caller.actor))


@router.get("/{job}")
def get_job(workspace: str, project: str, job: Id, caller: CanRead, served: Served) -> JobAnswer:
    """One job; its images are listed with `job=` by GET …/images."""
    with served.database.read() as session:
        return _answer(find_job(session, find_project(session, caller.workspace_id, project).id, job))


@router.patch("/{job}")
def patch_job(workspace: str, project: str, job: Id, form: JobChange, caller: CanWrite, served: Served) -> JobAnswer:
    """Change who labels or reviews, what is to be done, how far it is."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        return _answer(change_job(session, found.id, job, **form.model_dump()))


@router.delete("/{job}", status_code=204)
def remove_job(workspace: str, project: str, job: Id, caller: CanWrite, served: Served) -> None:
    """Remove a job; its images wait in their batch again."""
    with served.database.write() as session:
        dissolve_job(session, find_project(session, caller.workspace_id, project).id, job)


@router.post("/{job}/review")
def review_job(workspace: str, project: str, job: Id, form: JobReview, caller: CanWrite, served: Served) -> Changed:
    """Set the review of images of a job."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        count = review_images(session, found.id, job, form.review, image_id=form.image_id, current_status=form.current)
    return Changed(images=count)


@router.post("/{job}/accept")
def accept_job(workspace: str, project: str, job: Id, form: AcceptForm, caller: CanWrite, served: Served) -> Changed:
    """Let labelled images of a job join the dataset."""
    splits = [("train", form.train), ("val", form.val), ("test", form.test)]
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        count = accept_images(session, found.id, job, reviews=form.reviews, image_ids=form.image_ids, splits=splits)
    return Changed(images=count)


def _answer(job: AnnotationJob) -> JobAnswer:
    return JobAnswer.model_validate({name: getattr(job, name) for name in JobAnswer.model_fields})
