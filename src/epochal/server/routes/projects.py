"""Projects of a workspace: make, list, change, delete; their classes, batches and health."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from epochal.datasets.batches import delete_batch, find_batch, list_batches, merge_batches, rename_batch
from epochal.datasets.classes import change_class, ensure_classes
from epochal.datasets.project_health import check_project
from epochal.datasets.projects import (
    Project,
    ProjectCounts,
    change_project,
    count_projects,
    create_project,
    delete_project,
    find_project,
    list_projects,
    restore_project,
)
from epochal.server.answers import Form, RequestForm
from epochal.server.callers import CanRead, CanWrite
from epochal.server.methods import WordsFirst
from epochal.server.once import Once
from epochal.server.services import Served

router = APIRouter(prefix="/api/workspaces/{workspace}", tags=["projects"], route_class=WordsFirst)
Name = Annotated[str, Field(min_length=1, max_length=200)]
Id = Annotated[str, Path(max_length=60)]


class ClassAnswer(Form):
    """A class of a project; `boxes` counts those that are no drafts."""

    class_id: int
    name: str
    color: Annotated[str, Field(description="#rrggbb")]
    boxes: int


class CloneSource(Form):
    """Where a clone comes from."""

    workspace: str
    project: str
    license: str


class ProjectAnswer(Form):
    """A project with its numbers."""

    id: str
    slug: str
    name: str
    annotation_group: Annotated[str, Field(description="What is being annotated, such as cells.")]
    license: str
    description: str
    is_public: bool
    is_featured: bool
    cloned_from: CloneSource | None
    created_at: float
    updated_at: float
    deleted_at: float | None
    images: Annotated[int, Field(description="All, those that wait in batches too.")]
    in_dataset: Annotated[int, Field(description="Those that a version is made of.")]
    unannotated: int
    splits: Annotated[dict[str, int], Field(description="Images of the dataset by train, val, test.")]
    classes: list[ClassAnswer]


class ProjectList(Form):
    """The projects of a workspace, the one changed last first."""

    projects: list[ProjectAnswer]


class NewProject(RequestForm):
    """A project to make."""

    name: Name
    annotation_group: Annotated[str, Field(max_length=200)] = "objects"
    license: Annotated[str, Field(max_length=200)] = "Private"
    description: Annotated[str, Field(max_length=10_000)] = ""
    is_public: Annotated[
        bool,
        Field(description="Everybody on this server may look at it and clone it; searching finds it without a key."),
    ] = False


class ProjectChange(RequestForm):
    """What to change; null leaves it."""

    name: Name | None = None
    annotation_group: Name | None = None
    license: Annotated[str, Field(max_length=200)] | None = None
    description: Annotated[str, Field(max_length=10_000)] | None = None
    is_public: bool | None = None


class ClassList(Form):
    """The classes of a project, by id."""

    classes: list[ClassAnswer]


class NewClasses(RequestForm):
    """Names of classes to have; those that are there already stay as they are."""

    names: Annotated[list[Name], Field(min_length=1, max_length=1000)]


class ClassChange(RequestForm):
    """Another name or colour; null leaves it."""

    name: Name | None = None
    color: Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")] | None = None


class BatchAnswer(Form):
    """Images that arrived together."""

    id: str
    name: str
    source: Literal["upload", "active_learning", "clone"]
    created_at: float
    images: int
    unannotated: int
    jobs: int


class BatchList(Form):
    """The batches of a project, the newest first."""

    batches: list[BatchAnswer]


class BatchName(RequestForm):
    """Another name."""

    name: Annotated[str, Field(min_length=1, max_length=300)]


class BatchMerge(RequestForm):
    """Batches that become one."""

    source_ids: Annotated[list[str], Field(min_length=1, max_length=1000)]
    target_id: str


@router.get("/projects")
def get_projects(workspace: str, caller: CanRead, served: Served) -> ProjectList:
    """All projects of a workspace; those in the trash are left out."""
    with served.database.read() as session:
        projects = list_projects(session, caller.workspace_id)
        counts = count_projects(session, [project.id for project in projects])
    return ProjectList(projects=[project_answer(project, counts[project.id]) for project in projects])


@router.post("/projects", status_code=201)
def make_project(workspace: str, form: NewProject, caller: CanWrite, served: Served, once: Once) -> ProjectAnswer:
    """Make an empty project; its slug is made of its name."""
    with served.database.write() as session:
        if (said := once.begin(session, caller, ProjectAnswer)) is not None:
            return said
        project = create_project(session, caller.workspace_id, **form.model_dump())
        empty = ProjectCounts(splits={"train": 0, "val": 0, "test": 0})
        return once.end(session, caller, project_answer(project, empty))


@router.get("/projects/{project}")
def get_project(workspace: str, project: str, caller: CanRead, served: Served) -> ProjectAnswer:
    """One project, by its slug."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return project_answer(found, count_projects(session, [found.id])[found.id])


@router.patch("/projects/{project}")
def patch_project(workspace: str, project: str, form: ProjectChange, caller: CanWrite, served: Served) -> ProjectAnswer:
    """Change a project; its slug stays."""
    with served.database.write() as session:
        found = change_project(session, caller.workspace_id, project, **form.model_dump())
        return project_answer(found, count_projects(session, [found.id])[found.id])


@router.delete("/projects/{project}")
def trash_project(workspace: str, project: str, caller: CanWrite, served: Served) -> ProjectAnswer:
    """Put a project into the trash, from where it comes back within 30 days."""
    with served.database.write() as session:
        found = delete_project(session, caller.workspace_id, project)
        told = project_answer(found, count_projects(session, [found.id])[found.id])
    served.answering.forget_names()
    return told


@router.post("/projects/{project}/restore")
def untrash_project(workspace: str, project: str, caller: CanWrite, served: Served) -> ProjectAnswer:
    """Take a project out of the trash, by its slug or id."""
    with served.database.write() as session:
        found = restore_project(session, caller.workspace_id, project)
        return project_answer(found, count_projects(session, [found.id])[found.id])


@router.get("/projects/{project}/health")
def get_health(
    workspace: str,
    project: str,
    caller: CanRead,
    served: Served,
    near_duplicates: Annotated[bool, Query(description="Decode every image to find those that show the same.")] = False,
) -> dict[str, Any]:
    """The numbers and findings of a project's images, and the ids of the images that they name."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return check_project(session, served.blobs, found.id, near_duplicates=near_duplicates)


@router.get("/projects/{project}/classes")
def get_classes(workspace: str, project: str, caller: CanRead, served: Served) -> ClassList:
    """The classes of a project with the number of their boxes."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return ClassList(classes=project_answer(found, count_projects(session, [found.id])[found.id]).classes)


@router.post("/projects/{project}/classes")
def add_classes(workspace: str, project: str, form: NewClasses, caller: CanWrite, served: Served) -> ClassList:
    """Make classes before their first box."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        ensure_classes(session, found.id, form.names)
        return ClassList(classes=project_answer(found, count_projects(session, [found.id])[found.id]).classes)


@router.patch("/projects/{project}/classes/{class_id}")
def patch_class(
    workspace: str,
    project: str,
    class_id: Annotated[int, Path(ge=0, le=2**31 - 1)],
    form: ClassChange,
    caller: CanWrite,
    served: Served,
) -> ClassAnswer:
    """Rename or recolour a class; its boxes stay its own."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        change_class(session, found.id, class_id, name=form.name, color=form.color)
        return project_answer(found, count_projects(session, [found.id])[found.id]).classes[class_id]


@router.get("/projects/{project}/batches")
def get_batches(workspace: str, project: str, caller: CanRead, served: Served) -> BatchList:
    """The batches of a project, the newest first."""
    with served.database.read() as session:
        batches = list_batches(session, find_project(session, caller.workspace_id, project).id)
    return BatchList(batches=[BatchAnswer.model_validate(batch) for batch in batches])


@router.post("/projects/{project}/batches/merge")
def merge_project_batches(
    workspace: str, project: str, form: BatchMerge, caller: CanWrite, served: Served
) -> BatchAnswer:
    """Make one batch of several."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        return BatchAnswer.model_validate(merge_batches(session, found.id, form.source_ids, form.target_id))


@router.get("/projects/{project}/batches/{batch}")
def get_batch(workspace: str, project: str, batch: Id, caller: CanRead, served: Served) -> BatchAnswer:
    """One batch."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return BatchAnswer.model_validate(find_batch(session, found.id, batch))


@router.patch("/projects/{project}/batches/{batch}")
def patch_batch(
    workspace: str, project: str, batch: Id, form: BatchName, caller: CanWrite, served: Served
) -> BatchAnswer:
    """Rename a batch."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        return BatchAnswer.model_validate(rename_batch(session, found.id, batch, form.name))


@router.delete("/projects/{project}/batches/{batch}", status_code=204)
def remove_batch(workspace: str, project: str, batch: Id, caller: CanWrite, served: Served) -> None:
    """Remove a batch that holds no image."""
    with served.database.write() as session:
        delete_batch(session, find_project(session, caller.workspace_id, project).id, batch)


def project_answer(project: Project, counts: ProjectCounts) -> ProjectAnswer:
    """A project in its form."""
    named = enumerate(counts.classes.items())
    classes = [
        ClassAnswer(class_id=class_id, name=name, color=counts.colors[name], boxes=boxes)
        for class_id, (name, boxes) in named
    ]
    fields = {name: getattr(project, name) for name in ProjectAnswer.model_fields if hasattr(project, name)}
    numbers = {name: getattr(counts, name) for name in ("images", "in_dataset", "unannotated", "splits")}
    return ProjectAnswer.model_validate({**fields, **numbers, "classes": classes})
