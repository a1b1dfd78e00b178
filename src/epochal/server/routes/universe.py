"""The universe: public projects of this server, to look at, to try and to clone."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from sqlalchemy.orm import Session

from epochal.datasets.cloning import begin_clone
from epochal.datasets.labels import live_image
from epochal.datasets.project_health import check_project
from epochal.datasets.projects import Project, count_projects
from epochal.datasets.searching import ImageFilter, find_covers, search_project
from epochal.datasets.tasks import Task, create_task
from epochal.errors import BadInput, NotAllowed, NotFound
from epochal.jobs.models import Model, list_models
from epochal.jobs.universe import PublicProject, find_public, is_server_owner, list_public, set_featured
from epochal.server.answers import Form, GraphDocument, RequestForm
from epochal.server.bodies import takes
from epochal.server.callers import Caller, CanAdmin, CanWrite, InfersSomewhere, Known
from epochal.server.inference_forms import InferAnswer, QuestionForm
from epochal.server.picture_links import PictureKind, answer_picture
from epochal.server.routes.images import ImagePage, Offset, image_answer
from epochal.server.routes.inference import infer_image
from epochal.server.routes.projects import ProjectAnswer, project_answer
from epochal.server.routes.zip_uploads import TaskAnswer, task_answer
from epochal.server.services import Served
from epochal.versions.project_versions import list_project_versions
from epochal.versions.settings import explain_settings

router = APIRouter(prefix="/api", tags=["universe"])
BASE = "/universe/{owner}/{project}"
Slug = Annotated[str, Path(max_length=80)]
_PICTURE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
}
_PICTURES: dict[str, PictureKind] = {
    "thumbnail": "thumb",
    "drawn": "annotation",
    "drawable": "drawable",
    "file": "original",
}
_IMAGE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
}


class PublicAnswer(Form):
    """A public project, and whose it is."""

    owner: Annotated[str, Field(description="Slug of its workspace.")]
    owner_name: str
    project: ProjectAnswer
    cover: Annotated[str | None, Field(description="The id of an image of its dataset.")]


class PublicList(Form):
    """Public projects, the featured ones first."""

    projects: list[PublicAnswer]
    total: int


class PublicVersion(Form):
    """A version of a public project."""

    number: int
    name: str
    images: int
    splits: dict[str, Any]
    created_at: float
    explanation: Annotated[list[str], Field(description="Preprocessing and augmentation, in sentences.")]


class PublicModel(Form):
    """A model to try."""

    slug: str
    name: str
    model_type: str
    classes: list[str]
    metrics: dict[str, float]
    training_id: str | None
    version: Annotated[
        int | None, Field(description="The number of the version that it learned; null: none that is left.")
    ]
    created_at: float


class PublicPage(PublicAnswer):
    """All that the page of a public project begins with."""

    versions: list[PublicVersion]
    models: Annotated[list[PublicModel], Field(description="Those that can be tried, the newest first.")]
    has_graph: Annotated[bool, Field(description="GET …/graph has the training graph of the best model.")]


class Featured(RequestForm):
    """Whether a project is shown first."""

    is_featured: bool


class CloneForm(RequestForm):
    """What to clone into a workspace, and under which name."""

    owner: Annotated[str, Field(min_length=1, max_length=80)]
    project: Annotated[str, Field(min_length=1, max_length=80)]
    name: Annotated[str, Field(max_length=200)] = ""


class CloneAnswer(Form):
    """The clone, which fills while its task runs."""

    project: ProjectAnswer
    task: TaskAnswer


@router.get("/universe")
def search_universe(
    caller: Known,
    served: Served,
    query: Annotated[str, Query(max_length=300)] = "",
    featured: Annotated[bool, Query(description="Those alone that the owner of the server has set.")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> PublicList:
    """Public projects of this server, by words in name, description, classes and workspace."""
    with served.database.read() as session:
        found, total = list_public(session, query=query, only_featured=featured, limit=limit, offset=offset)
        return PublicList(projects=_answers(session, found), total=total)


@router.get(BASE)
def get_public(owner: Slug, project: Slug, caller: Known, served: Served) -> PublicPage:
    """One public project with its versions and the models that can be tried."""
    with served.database.read() as session:
        found = find_public(session, owner, project)
        versions = [one for one in list_project_versions(session, found.project.id) if one.state == "ready"]
        models = _models(session, found)
        fields = ("number", "name", "images", "splits", "created_at")
        return PublicPage(
            **dict(_answer(session, found)),
            versions=[
                PublicVersion(
                    **{name: getattr(one, name) for name in fields}, explanation=list(explain_settings(one.settings))
                )
                for one in versions
            ],
            models=[_model(one, {version.id: version.number for version in versions}) for one in models],
            has_graph=any(one.training_id for one in models),
        )


@router.get(BASE + "/health")
def get_public_health(owner: Slug, project: Slug, caller: Known, served: Served) -> dict[str, Any]:
    """The numbers and findings of a public project's images."""
    with served.database.read() as session:
        return check_project(session, served.blobs, find_public(session, owner, project).project.id)


@router.get(BASE + "/graph", response_model=GraphDocument)
def get_public_graph(
    owner: Slug, project: Slug, caller: Known, served: Served,
    model: Annotated[str | None, Query(max_length=200, description="Of this model's training; null: the best.")] = None,
) -> Response:  # fmt: skip
    """The training graph of a model: of the one with the best mAP_0.5:0.95 when none is named."""
    with served.database.read() as session:
        models = _models(session, find_public(session, owner, project))
    trained = [one for one in models if one.training_id and model in {None, one.slug}]
    if not trained:
        which = "model" if model is None else f"model {model!r}"
        raise NotFound(f"{owner}/{project} has no {which} that was trained here, so there is no graph.")
    best = max(trained, key=lambda one: one.metrics.get("mAP_0.5:0.95", -1.0))
    document, cursor = served.index.document(str(best.training_id))
    return JSONResponse({**_without_places(document), "cursor": cursor})


@router.get(BASE + "/images")
def list_public_images(
    owner: Slug,
    project: Slug,
    caller: Known,
    served: Served,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> ImagePage:
    """The images of the dataset of a public project, a page."""
    wanted = ImageFilter(in_dataset=True)
    with served.database.read() as session:
        found = find_public(session, owner, project)
        page = search_project(session, found.project.id, wanted, limit=limit, offset=offset, cursor=cursor)
    return ImagePage(images=[image_answer(one) for one in page.images], total=page.total, cursor=page.cursor)


@router.get(BASE + "/images/{image}/{form}", response_class=Response, responses=_PICTURE_ANSWER)
def get_public_image(
    owner: Slug,
    project: Slug,
    image: Annotated[str, Path(max_length=60)],
    form: Literal["thumbnail", "drawn", "drawable", "file"],
    request: Request,
    caller: Known,
    served: Served,
) -> Response:
    """An image of the dataset in small, with its boxes drawn, as browsers draw it, or as its file."""
    with served.database.read() as session:
        found = find_public(session, owner, project)
        if not live_image(session, found.project.id, image).in_dataset:
            raise NotFound(f"There is no image {image!r} in the dataset of {owner}/{project}.")
    return answer_picture(request, served, found.project.id, image, _PICTURES[form])


@router.post(BASE + "/infer/{model}", response_model=InferAnswer, openapi_extra=_IMAGE)
@takes("image")
async def try_public_model(
    owner: Slug,
    project: Slug,
    model: Annotated[str, Path(max_length=200)],
    question: Annotated[QuestionForm, Query()],
    request: Request,
    caller: InfersSomewhere,
    served: Served,
) -> Response:
    """Try a model of a public project on a picture; nothing of it is kept."""
    with served.database.read() as session:
        found = find_public(session, owner, project)
        if model not in {one.slug for one in _models(session, found)}:
            raise NotFound(f"{owner}/{project} has no model {model!r} that can be tried.")
    as_owner = replace(caller, workspace_id=found.workspace_id, workspace_slug=found.workspace_slug)
    asked = question.model_copy(update={"collect": False})
    return await infer_image(found.workspace_slug, model, asked, request, as_owner, served)


@router.put(BASE + "/featured")
def feature(owner: Slug, project: Slug, form: Featured, caller: CanAdmin, served: Served) -> PublicAnswer:
    """Show a public project first, or not any more; for the owner of the server."""
    with served.database.write() as session:
        if not is_server_owner(session, caller.workspace_id, caller.user_id):
            raise NotAllowed("Only the owner of the server says which projects are featured.")
        return _answer(session, set_featured(session, owner, project, form.is_featured))


@router.post("/workspaces/{workspace}/universe/clone", status_code=202)
def clone(workspace: str, form: CloneForm, caller: CanWrite, served: Served) -> CloneAnswer:
    """Clone the dataset of a public project into a workspace, with its licence and where it comes from."""
    project, task = clone_public(served, caller, form.owner, form.project, form.name)
    with served.database.read() as session:
        told = project_answer(project, count_projects(session, [project.id])[project.id])
    return CloneAnswer(project=told, task=task_answer(task))


def clone_public(served: Served, caller: Caller, owner: str, project: str, name: str = "") -> tuple[Project, Task]:
    """Begin a clone; gives the project that fills and the task that fills it. Raises NotFound, BadInput."""
    with served.database.write() as session:
        found = find_public(session, owner, project)
        images = count_projects(session, [found.project.id])[found.project.id].in_dataset
        if not images:
            raise BadInput(f"The dataset of {owner}/{project} holds no image yet; there is nothing to clone.")
        made = begin_clone(session, caller.workspace_id, found.project, found.workspace_slug, name)
        wanted = {"source_id": found.project.id, "images": images}
        task = create_task(session, caller.workspace_id, "clone", wanted, project_id=made.id, created_by=caller.actor)
    served.project_work.start(task.id)
    return made, task


def _without_places(document: dict[str, Any]) -> dict[str, Any]:
    """A graph for others: where the server keeps run and dataset is not their business, nor are files of the run."""
    shown = {**document, "source": {**document["source"], "path": ""}}
    if document.get("dataset"):
        shown["dataset"] = {**document["dataset"], "path": ""}
    for name in ("evaluation", "evaluation_val"):
        if document.get(name):
            shown[name] = {**document[name], "examples": [], "suspicions": None}
    return shown


def _answer(session: Session, found: PublicProject) -> PublicAnswer:
    return _answers(session, [found])[0]


def _answers(session: Session, found: list[PublicProject]) -> list[PublicAnswer]:
    ids = [one.project.id for one in found]
    counts, covers = count_projects(session, ids), find_covers(session, ids)
    return [
        PublicAnswer(
            owner=one.workspace_slug,
            owner_name=one.workspace_name,
            project=project_answer(one.project, counts[one.project.id]),
            cover=covers.get(one.project.id),
        )
        for one in found
    ]


def _models(session: Session, found: PublicProject) -> list[Model]:
    models = list_models(session, found.workspace_id, project_id=found.project.id)
    return sorted((one for one in models if one.can_run), key=lambda one: -one.created_at)


def _model(model: Model, versions: dict[str, int]) -> PublicModel:
    fields = ("slug", "name", "model_type", "training_id", "created_at")
    told = {name: getattr(model, name) for name in fields}
    version = versions.get(model.version_id or "")
    return PublicModel(**told, version=version, classes=list(model.classes), metrics=dict(model.metrics))
