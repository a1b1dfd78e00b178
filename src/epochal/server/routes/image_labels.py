"""The labels of one image: read, drawn by hand, taken from a file, a model's drafts taken; and which image is next."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import Field

from epochal.datasets.annotation_upload import annotate_image
from epochal.datasets.hand_labels import read_labels, save_labels
from epochal.datasets.images import find_image
from epochal.datasets.labels import LabelledBox, accept_drafts, clear_annotations
from epochal.datasets.projects import find_project
from epochal.datasets.searching import ImageFilter, find_neighbours
from epochal.server.answers import Form, RequestForm
from epochal.server.bodies import takes
from epochal.server.callers import CanRead, CanWrite
from epochal.server.routes.images import Id, SplitOrNone
from epochal.server.services import Served

router = APIRouter(prefix="/api/workspaces/{workspace}/projects/{project}/images/{image}", tags=["images"])


class BoxForm(RequestForm):
    """A box on an image, in pixels as displayed."""

    class_name: Annotated[str, Field(min_length=1, max_length=200)]
    box_xyxy: tuple[float, float, float, float]
    is_crowd: bool = False
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    is_draft: Annotated[bool, Field(description="A model's proposal that nobody has taken.")] = False


class BoxAnswer(BoxForm):
    """A box as it is kept."""

    source: str


class BoxList(Form):
    """The boxes of an image, in their order."""

    boxes: list[BoxAnswer]
    is_labelled: Annotated[bool, Field(description="A person has looked and no draft is left; no box: nothing there.")]
    revision: Annotated[str, Field(description="To be sent as `expects`, so that nobody's work is overwritten.")]


class NewBoxes(RequestForm):
    """Boxes in the place of those that the image has."""

    boxes: Annotated[list[BoxForm], Field(max_length=20_000)]
    joins_dataset: Annotated[bool, Field(description="Versions are made of the image from now on.")] = True
    expects: Annotated[
        str | None,
        Field(max_length=100, description="The `revision` that was read; 409 if it is another one now. null: replace."),
    ] = None
    is_unlabelled_when_empty: Annotated[
        bool, Field(description="No box means that nobody has looked, not that nothing is there.")
    ] = False


class AnnotationFile(RequestForm):
    """The text of an annotation file in any format that is read; what it is, its content says."""

    text: Annotated[str, Field(max_length=200_000_000)]
    file_name: Annotated[str, Field(max_length=400)] = "annotations"
    labelmap: Annotated[dict[str, str] | None, Field(description='Names of class numbers: {"0": "cat"}.')] = None
    overwrite: bool = False
    joins_dataset: bool = True


class Neighbours(Form):
    """The images around one in the order of the list; null at its ends."""

    before: str | None
    after: str | None


@router.get("/annotations")
def get_annotations(workspace: str, project: str, image: Id, caller: CanRead, served: Served) -> BoxList:
    """The boxes of an image, a model's drafts among them."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return BoxList.model_validate(read_labels(session, found.id, image))


@router.put("/annotations")
@takes("annotations")
def put_annotations(
    workspace: str, project: str, image: Id, form: NewBoxes, caller: CanWrite, served: Served
) -> BoxList:
    """Label an image: these boxes in the place of all it has; no box at all says that nothing is there."""
    boxes = [_labelled(one) for one in form.boxes]
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        saved = save_labels(
            session,
            found.id,
            image,
            boxes,
            expects=form.expects,
            is_unlabelled_when_empty=form.is_unlabelled_when_empty,
            joins_dataset=form.joins_dataset,
        )
        return BoxList.model_validate(saved)


@router.delete("/annotations", status_code=204)
def delete_annotations(workspace: str, project: str, image: Id, caller: CanWrite, served: Served) -> None:
    """Take all boxes off an image; nobody has labelled it then."""
    with served.database.write() as session:
        clear_annotations(session, find_project(session, caller.workspace_id, project).id, image)


@router.post("/annotations/accept")
def accept_annotations(workspace: str, project: str, image: Id, caller: CanWrite, served: Served) -> BoxList:
    """Take a model's drafts for good, as they are."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        accept_drafts(session, found.id, image)
        return BoxList.model_validate(read_labels(session, found.id, image))


@router.post("/annotation-file")
@takes("annotations")
def upload_annotation_file(
    workspace: str, project: str, image: Id, form: Annotated[AnnotationFile, Body()], caller: CanWrite, served: Served
) -> BoxList:
    """Label an image by an annotation file: VOC, COCO, YOLO, CreateML, CSV and more."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        annotate_image(session, served.blobs, found.id, image, **form.model_dump())
        return BoxList.model_validate(read_labels(session, found.id, image))


@router.get("/neighbours")
def get_neighbours(
    workspace: str,
    project: str,
    image: Id,
    caller: CanRead,
    served: Served,
    query: Annotated[str, Query(max_length=2000)] = "",
    split: SplitOrNone = None,
    class_name: Annotated[str | None, Query(max_length=200)] = None,
    batch: Annotated[str | None, Query(max_length=60)] = None,
    is_labelled: bool | None = None,
) -> Neighbours:
    """The images before and behind one in the list of a project, as it is with these filters."""
    wanted = ImageFilter(query=query, split=split, class_name=class_name, batch_id=batch, is_labelled=is_labelled)
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        before, after = find_neighbours(session, found.id, find_image(session, found.id, image), wanted)
    return Neighbours(before=before, after=after)


def _labelled(box: BoxForm) -> LabelledBox:
    """What a model found and nobody changed is still the model's, by its confidence."""
    source = "model" if box.is_draft or box.confidence is not None else "person"
    return LabelledBox(box.class_name, box.box_xyxy, box.confidence, box.is_crowd, box.is_draft, source)
