"""Projects and versions as the packages read them (contract §2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from epochal.datasets.projects import Project, ProjectCounts, count_projects
from epochal.versions.project_exports import list_exports
from epochal.versions.project_versions import ProjectVersion, count_versions
from epochal.workspaces.members import count_members
from epochal.workspaces.workspaces import find_workspace

SPLIT_NAMES = {"train": "train", "val": "valid", "test": "test"}


def project_objects(session: Session, workspace_slug: str, projects: Sequence[Project]) -> list[dict[str, Any]]:
    """ProjectObj of each project, with all that the client indexes without asking."""
    ids = [project.id for project in projects]
    counts, versions = count_projects(session, ids), count_versions(session, ids)
    return [
        _project_object(workspace_slug, project, counts.get(project.id, ProjectCounts()), versions.get(project.id, 0))
        for project in projects
    ]


def _project_object(workspace_slug: str, project: Project, counts: ProjectCounts, versions: int) -> dict[str, Any]:
    return {
        "id": f"{workspace_slug}/{project.slug}",
        "name": project.name,
        "type": "object-detection",
        "annotation": project.annotation_group,
        "created": project.created_at,
        "updated": project.updated_at,
        "images": counts.images,
        "unannotated": counts.unannotated,
        "public": project.is_public,
        "license": project.license,
        "multilabel": False,
        "splits": {SPLIT_NAMES[name]: counts.splits.get(name, 0) for name in SPLIT_NAMES},
        "classes": counts.classes,
        "colors": counts.colors,
        "versions": versions,
    }


def workspace_object(name: str, slug: str, members: int, projects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The workspace around projects."""
    return {"name": name, "url": slug, "members": members, "projects": list(projects)}


def own_workspace(session: Session, slug: str) -> dict[str, Any]:
    """The workspace around one of its projects, which is told beside it."""
    found = find_workspace(session, slug)
    return workspace_object(found.name, found.slug, count_members(session, found.id), [])


def version_object(
    session: Session, workspace_slug: str, project_slug: str, version: ProjectVersion, training: Mapping[str, Any]
) -> dict[str, Any]:
    """VersionObj.

    Args:
        session: that reads.
        workspace_slug: for its id.
        project_slug: for its id.
        version: ready or being generated.
        training: what trainings add: `model`, `train`, `models`, `modelType`.
    """
    settings = version.settings
    is_ready = version.state == "ready"
    return {
        "id": f"{workspace_slug}/{project_slug}/{version.number}",
        "name": version.name,
        "created": version.created_at,
        "images": version.images,
        "splits": {SPLIT_NAMES[name]: int(counts["images"]) for name, counts in version.splits.items()},
        "classes": list(version.classes),
        "preprocessing": _enabled(settings["preprocessing"]),
        "augmentation": _enabled(settings["augmentation"]),
        "generating": version.state == "generating",
        "progress": version.progress,
        "exports": [one.format for one in list_exports(session, version.id) if one.state == "ready"]
        if is_ready
        else [],
        **training,
    }


def _enabled(steps: Mapping[str, Any]) -> dict[str, Any]:
    """Each step as it is stored there: with `enabled`."""
    return {name: {**(value if isinstance(value, Mapping) else {}), "enabled": True} for name, value in steps.items()}
