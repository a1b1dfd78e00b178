"""Contract §4.1, §4.2 and §4.8: whose key is this, and what is in the workspace."""

from typing import Any

from epochal.datasets.projects import list_projects
from epochal.server.callers import CanRead, Known
from epochal.server.roboflow.objects import project_objects, workspace_object
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.services import Served
from epochal.workspaces.members import count_members
from epochal.workspaces.workspaces import find_workspace

router = roboflow_router()
last_router = roboflow_router()


@router.api_route("/", methods=["GET", "POST"])
def tell_workspace(caller: Known) -> dict[str, Any]:
    """The workspace of a key."""
    return welcome(caller.workspace_slug)


@router.get("/query/cliAuthToken/{token}")
def exchange_token(token: str, served: Served) -> dict[str, Any] | None:
    """What `roboflow.login()` writes into its file: the workspace of the key that was pasted; null for no good key."""
    known = served.keys.check(token)
    if known is None:
        return None
    with served.database.read() as session:
        name = find_workspace(session, known.workspace_slug).name
    return {known.workspace_id: {"url": known.workspace_slug, "name": name, "apiKey": token}}


@last_router.get("/{workspace}")
def get_workspace(workspace: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """The workspace with its projects."""
    with served.database.read() as session:
        found = find_workspace(session, workspace)
        members = count_members(session, found.id)
        projects = project_objects(session, found.slug, list_projects(session, found.id))
    return {"workspace": workspace_object(found.name, found.slug, members, projects)}


def welcome(slug: str) -> dict[str, Any]:
    """What a client is told about its key."""
    return {"workspace": slug, "welcome": "This is Epochal.", "instructions": "Your key is good.", "docs": "/api/docs"}
