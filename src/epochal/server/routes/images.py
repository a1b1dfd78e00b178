"""Images of a project: send, list, search, look at, label, change, delete."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from epochal.datasets.images import (
    ProjectImage,
    change_image,
    change_metadata,
    delete_images,
    find_image,
    restore_images,
    set_tags,
)
from epochal.datasets.projects import find_project
from epochal.datasets.searching import FoundImages, ImageFilter, search_project, search_workspace
from epochal.errors import BadInput
from epochal.server.answers import Form, RequestForm
from epochal.server.bodies import takes
from epochal.server.callers import CanRead, CanWrite
from epochal.server.image_upload import parse_metadata, take_image
from epochal.server.methods import WordsFirst
from epochal.server.picture_links import answer_picture
from epochal.server.services import Served

router = APIRouter(prefix="/api/workspaces/{workspace}", tags=["images"], route_class=WordsFirst)
BASE = "/projects/{project}/images"
Id = Annotated[str, Path(max_length=60)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=100, description="`cursor` of the page before.")]
Split = Literal["train", "val", "test"]
SplitOrNone = Literal["train", "val", "test", "none"] | None
Offset = Annotated[int, Query(ge=0, le=10**9, description="Images to leave out at the beginning of the page.")]
Review = Literal["unannotated", "annotated", "approved", "rejected"]
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
}
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "The picture."},
                        "name": {"type": "string", "description": "Instead of the file's own name."},
                        "split": {"enum": ["train", "val", "valid", "test", ""], "description": "train when left out."},
                        "batch": {"type": "string"},
                        "tags": {"type": "string", "description": "By commas."},
                        "metadata": {"type": "string", "description": "A JSON object."},
                    },
                }
            }
        },
    }
}


class ImageAnswer(Form):
    """An image of a project."""

    id: str
    project_slug: str
    name: str
    media_type: str
    image_wh: Annotated[tuple[int, int], Field(description="Pixels as displayed.")]
    size_bytes: int
    sha256: str
    split: Split | None
    in_dataset: Annotated[bool, Field(description="Versions are made of it.")]
    is_labelled: Annotated[bool, Field(description="A person has looked at it; without labels it is background.")]
    review: Review
    batch_id: str | None
    job_id: str | None
    tags: list[str]
    user_metadata: dict[str, Any]
    source: str
    created_at: float
    updated_at: float
    labels: Annotated[dict[str, int], Field(description="Boxes by class, without drafts.")]
    drafts: Annotated[int, Field(description="Boxes that a model proposes.")]


class ImagePage(Form):
    """Images, the newest first."""

    images: list[ImageAnswer]
    total: Annotated[int, Field(description="Of all pages.")]
    cursor: Annotated[str | None, Field(description="Where the next page begins; null: there is none.")]


class AddedAnswer(Form):
    """An image that is in the project now."""

    id: str
    is_duplicate: Annotated[bool, Field(description="It was there before, and was left as it is.")]


class ImageChange(RequestForm):
    """What to change; null leaves it."""

    name: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    split: Split | None = None
    in_dataset: bool | None = None
    review: Review | None = None
    tags: Annotated[list[str], Field(max_length=100)] | None = None
    metadata: dict[str, str | int | float | bool | None] | None = None


class ImageIds(RequestForm):
    """Some images."""

    ids: Annotated[list[str], Field(max_length=10_000)]


@router.get("/search")
def search(
    workspace: str,
    caller: CanRead,
    served: Served,
    query: Annotated[str, Query(max_length=2000, description="Such as `tag:night class:car -split:test`.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> ImagePage:
    """Images of all projects of a workspace, by the query language of docs/projects.md."""
    with served.database.read() as session:
        return _page(search_workspace(session, caller.workspace_id, query, limit=limit, cursor=cursor))


@router.get(BASE)
def list_images(
    workspace: str,
    project: str,
    caller: CanRead,
    served: Served,
    query: Annotated[str, Query(max_length=2000)] = "",
    split: SplitOrNone = None,
    class_name: Annotated[str | None, Query(max_length=200)] = None,
    tag: Annotated[str | None, Query(max_length=100)] = None,
    batch: Annotated[str | None, Query(max_length=60)] = None,
    job: Annotated[str | None, Query(max_length=60)] = None,
    in_dataset: bool | None = None,
    is_labelled: bool | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
    cursor: Cursor = None,
) -> ImagePage:
    """Images of a project, a page; those in the trash are left out."""
    wanted = ImageFilter(
        query=query, split=split, class_name=class_name, tag=tag, batch_id=batch, job_id=job, in_dataset=in_dataset,
        is_labelled=is_labelled,
    )  # fmt: skip
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return _page(search_project(session, found.id, wanted, limit=limit, offset=offset, cursor=cursor))


@router.post(BASE, openapi_extra=_UPLOAD)
@takes("image")
async def upload_image(workspace: str, project: str, request: Request, caller: CanWrite, served: Served) -> AddedAnswer:
    """Add an image; one whose bytes are in the project already is found again, so it is safe to send it twice."""
    async with request.form(max_files=1, max_fields=20) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadInput("The form has no file; expected the picture in its field `file`.")
        said = {key: value for key, value in form.items() if isinstance(value, str)}
        data, name = await file.read(), said.get("name") or file.filename or "image"
    added = await run_in_threadpool(
        take_image,
        served,
        caller.workspace_id,
        project,
        data,
        name=name,
        split=said.get("split", "train") or None,
        batch_name=said.get("batch"),
        tags=said.get("tags", "").split(","),
        metadata=parse_metadata(said.get("metadata")),
    )
    return AddedAnswer.model_validate(added)


@router.post(BASE + "/delete")
def trash_images(workspace: str, project: str, form: ImageIds, caller: CanWrite, served: Served) -> ImageIds:
    """Put images into the trash; gives those that were there."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        return ImageIds(ids=delete_images(session, [found.id], form.ids))


@router.post(BASE + "/restore")
def untrash_images(workspace: str, project: str, form: ImageIds, caller: CanWrite, served: Served) -> ImageIds:
    """Take images out of the trash; gives those that were in it."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        return ImageIds(ids=restore_images(session, found.id, form.ids))


@router.get(BASE + "/{image}")
def get_image(workspace: str, project: str, image: Id, caller: CanRead, served: Served) -> ImageAnswer:
    """One image."""
    with served.database.read() as session:
        return image_answer(find_image(session, find_project(session, caller.workspace_id, project).id, image))


@router.patch(BASE + "/{image}")
def patch_image(
    workspace: str, project: str, image: Id, form: ImageChange, caller: CanWrite, served: Served
) -> ImageAnswer:
    """Change an image; tags and metadata are replaced as a whole."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        before = change_image(
            session, found.id, image, name=form.name, split=form.split, in_dataset=form.in_dataset, review=form.review
        )
        if form.tags is not None:
            set_tags(session, found.id, image, form.tags)
        if form.metadata is not None:
            gone = [key for key in before.user_metadata if key not in form.metadata]
            change_metadata(session, found.id, image, add=form.metadata, remove=gone)
        return image_answer(find_image(session, found.id, image))


@router.delete(BASE + "/{image}", status_code=204)
def trash_image(workspace: str, project: str, image: Id, caller: CanWrite, served: Served) -> None:
    """Put an image into the trash, from where it comes back within 30 days."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        delete_images(session, [found.id], [find_image(session, found.id, image).id])


@router.get(BASE + "/{image}/file", response_class=Response, responses=_PICTURE)
@router.head(BASE + "/{image}/file", response_class=Response, include_in_schema=False)
def get_file(workspace: str, project: str, image: Id, request: Request, caller: CanRead, served: Served) -> Response:
    """The picture as it was uploaded."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
    return answer_picture(request, served, found.id, image, "original")


@router.get(BASE + "/{image}/drawable", response_class=Response, responses=_PICTURE)
def get_drawable(
    workspace: str, project: str, image: Id, request: Request, caller: CanRead, served: Served
) -> Response:
    """The picture as every browser can draw it: the file itself, or a JPEG of it where that is a TIFF, BMP and such."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
    return answer_picture(request, served, found.id, image, "drawable")


@router.get(BASE + "/{image}/thumbnail", response_class=Response, responses=_PICTURE)
@router.head(BASE + "/{image}/thumbnail", response_class=Response, include_in_schema=False)
def get_thumbnail(
    workspace: str, project: str, image: Id, request: Request, caller: CanRead, served: Served
) -> Response:
    """The picture in small, at most 320 px a side: a JPEG, upright."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
    return answer_picture(request, served, found.id, image, "thumb")


def _page(found: FoundImages) -> ImagePage:
    return ImagePage(images=[image_answer(image) for image in found.images], total=found.total, cursor=found.cursor)


def image_answer(image: ProjectImage) -> ImageAnswer:
    """An image in its form."""
    fields = {name: getattr(image, name) for name in ImageAnswer.model_fields}
    return ImageAnswer.model_validate({**fields, "tags": list(image.tags)})
