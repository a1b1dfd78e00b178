"""What the packages ask of the universe: search it, fork a project of it."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Body, Query, Request

from epochal.config import read_settings
from epochal.datasets.projects import count_projects
from epochal.errors import BadInput, NotFound, NotSignedIn
from epochal.jobs.universe import list_public
from epochal.server.callers import CanWrite, KnownOrNobody
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.routes.universe import clone_public
from epochal.server.services import Served

router = roboflow_router()
workspace_router = roboflow_router()


@router.get("/universe/search")
def search_universe(
    request: Request,
    caller: KnownOrNobody,
    served: Served,
    q: Annotated[str, Query(max_length=300)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 12,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> dict[str, Any]:
    """Public projects of this server; the package sends a key only where it has one."""
    if caller is None and not read_settings()["universe_search_open"]:
        raise NotSignedIn("Public projects of this server are shown to those who are known here; send an API key.")
    base = str(request.base_url).rstrip("/")
    with served.database.read() as session:
        found, total = list_public(session, query=q, limit=limit, offset=(page - 1) * limit)
        counts = count_projects(session, [one.project.id for one in found])
    results = [
        {
            "id": f"{one.workspace_slug}/{one.project.slug}",
            "name": one.project.name,
            "type": "object-detection",
            "images": counts[one.project.id].images,
            "classes": list(counts[one.project.id].classes),
            "license": one.project.license,
            "url": f"{base}/{one.workspace_slug}/{one.project.slug}",
        }
        for one in found
    ]
    return {"results": results, "total": total}


@workspace_router.post("/{workspace}/projects/fork", status_code=202)
def fork_project(
    workspace: str, form: Annotated[dict[str, Any], Body()], request: Request, caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Clone a public project, named by its address or its slug."""
    owner, slug = _source(form, served)
    project, task = clone_public(served, caller, owner, slug)
    base = f"{str(request.base_url).rstrip('/')}/{caller.workspace_slug}"
    return {
        "taskId": task.id,
        "url": f"{base}/asynctasks/{task.id}",
        "project": f"{caller.workspace_slug}/{project.slug}",
    }


def _source(form: dict[str, Any], served: Served) -> tuple[str, str]:
    said = urlsplit(str(form["url"])).path if form.get("url") else str(form.get("source_project") or "")
    parts = [part for part in said.split("/") if part]
    if len(parts) >= 2:
        return parts[-2], parts[-1]
    if not parts:
        raise BadInput('Expected {"url": address of a public project} or {"source_project": its slug}.')
    with served.database.read() as session:
        found, _ = list_public(session, limit=10_000)
    owners = [one.workspace_slug for one in found if one.project.slug == parts[0]]
    if not owners:
        raise NotFound(f"There is no public project {parts[0][:60]!r} on this server; search the universe for one.")
    if len(owners) > 1:
        raise BadInput(f"There are {len(owners)} public projects {parts[0]!r}; name one as {owners[0]}/{parts[0]}.")
    return owners[0], parts[0]
