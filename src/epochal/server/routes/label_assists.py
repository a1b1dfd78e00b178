"""Label assist: a model proposes boxes for unlabelled images, people take them or not."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from epochal.datasets.projects import find_project
from epochal.jobs.models import find_model
from epochal.labeling.assists import Assist, begin_assist, find_assist, list_assists
from epochal.labeling.proposals import Choice, check_choice
from epochal.labeling.reviewing import images_with_drafts, review_drafts
from epochal.server.answers import Form, RequestForm
from epochal.server.callers import CanRead, CanWrite
from epochal.server.inference_forms import Fraction
from epochal.server.services import Served

router = APIRouter(prefix="/api/workspaces/{workspace}/projects/{project}", tags=["labeling"])
IdText = Annotated[str, Field(max_length=100)]


class AssistRequest(RequestForm):
    """Which model proposes what."""

    model: Annotated[str, Field(max_length=300, description="A name or id of a model of the workspace.")]
    batch: Annotated[IdText | None, Field(description="The id of a batch; null: all unlabelled images.")] = None
    confidence: Fraction = 0.5
    overlap: Fraction = 0.5
    thresholds: Annotated[
        dict[str, Fraction],
        Field(default_factory=dict, max_length=1000, description="{class of the model: its own confidence}."),
    ]
    classes: Annotated[
        dict[str, str | None],
        Field(
            default_factory=dict,
            max_length=1000,
            description="{class of the model: class of the project; null leaves it out}; others keep theirs.",
        ),
    ]


class AssistForm(Form):
    """An assist and how far it is."""

    id: str
    model_id: str
    batch_id: str | None
    state: Literal["running", "finished", "failed", "cancelled"]
    message: str
    images: int
    done: int
    boxes: Annotated[int, Field(description="Drafts made.")]
    created_by: str
    created_at: float
    ended_at: float | None


class AssistList(Form):
    """Assists, the newest first."""

    assists: list[AssistForm]


class DraftReview(RequestForm):
    """What becomes of drafts."""

    decision: Literal["accept", "reject"]
    images: Annotated[list[IdText] | None, Field(max_length=1000, description="Ids; null: all of `batch`.")] = None
    batch: Annotated[IdText | None, Field(description="With no images: those of this batch; null: all.")] = None
    least_confidence: Annotated[Fraction, Field(description="Accepting refuses less sure drafts.")] = 0.0
    joins_dataset: Annotated[bool, Field(description="Accepted images join the dataset.")] = True


class ReviewAnswer(Form):
    """How many."""

    images: int
    accepted: int
    rejected: int


@router.post("/label-assists", status_code=201)
def start_label_assist(
    workspace: str, project: str, form: AssistRequest, caller: CanWrite, served: Served
) -> AssistForm:
    """Let a model propose boxes for the unlabelled images of a batch, or of the project."""
    choice = Choice(form.confidence, form.overlap, form.thresholds, form.classes)
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        model = find_model(session, caller.workspace_id, form.model)
        served.answering.require_runnable(model)
        check_choice(choice, model.classes)
        assist = begin_assist(session, found.id, model.id, choice, batch_id=form.batch, created_by=caller.actor)
    served.label_assist.submit(assist)
    return _form(assist)


@router.get("/label-assists")
def list_label_assists(workspace: str, project: str, caller: CanRead, served: Served) -> AssistList:
    """The assists of a project, the newest first."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return AssistList(assists=[_form(one) for one in list_assists(session, found.id)])


@router.get("/label-assists/{assist}")
def get_label_assist(workspace: str, project: str, assist: str, caller: CanRead, served: Served) -> AssistForm:
    """One assist."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return _form(find_assist(session, found.id, assist))


@router.post("/label-assists/{assist}/cancel")
def cancel_label_assist(workspace: str, project: str, assist: str, caller: CanWrite, served: Served) -> AssistForm:
    """Stop an assist; the drafts that it has made stay."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        find_assist(session, found.id, assist)
    served.label_assist.cancel(assist)
    return get_label_assist(workspace, project, assist, caller, served)


@router.post("/drafts/review")
def review_all_drafts(
    workspace: str, project: str, form: DraftReview, caller: CanWrite, served: Served
) -> ReviewAnswer:
    """Take the drafts of images for good, or refuse them."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        images = images_with_drafts(session, found.id, form.batch) if form.images is None else form.images
        done = review_drafts(
            session,
            found.id,
            images,
            accept=form.decision == "accept",
            least_confidence=form.least_confidence,
            joins_dataset=form.joins_dataset,
        )
    return ReviewAnswer.model_validate(done)


def _form(assist: Assist) -> AssistForm:
    names = AssistForm.model_fields
    return AssistForm.model_validate({name: getattr(assist, name) for name in names})
