"""A served project with labelled images, a version and a model to try; imported as `browser.projects`."""

from dataclasses import dataclass

import httpx

from epochal.server.serving import ServerThread
from epochal.workspaces.keys import create_key
from epochal.workspaces.scopes import SCOPES
from epochal.workspaces.workspaces import ensure_first_workspace
from server.at_work import add_working_model, picture

IMAGES = 5


@dataclass(frozen=True)
class ServedProject:
    """A project of the first workspace; `client` asks with a key that may do all."""

    slug: str
    model: str
    client: httpx.Client

    @property
    def url(self) -> str:
        """Of its routes."""
        return f"/api/workspaces/my-workspace/projects/{self.slug}"


def add_project(server: ServerThread, name: str = "Animals") -> ServedProject:
    """A project of five images, the first four with a box each, and one more that waits in a batch."""
    services = server.app.state.services
    with services.database.write() as session:
        workspace = ensure_first_workspace(session)
        key = create_key(session, workspace.id, scopes=SCOPES)[0]
    work = add_working_model(services.database, services.blobs, workspace.id, name)
    headers = {"Authorization": f"Bearer {key}"}
    client = httpx.Client(base_url=server.address, timeout=30, trust_env=False, headers=headers)
    made = ServedProject(work.slug, work.model_slug, client)
    for number in range(IMAGES):
        files = {"file": (f"animal-{number}.png", picture(number))}
        said = {"split": "train" if number < 3 else "test", "batch": "Walk in the park"}
        image = client.post(f"{made.url}/images", files=files, data=said).json()["id"]
        if number < IMAGES - 1:
            boxes = [{"class_name": "wombat", "box_xyxy": [5, 5, 60, 50]}]
            client.put(f"{made.url}/images/{image}/annotations", json={"boxes": boxes}).raise_for_status()
    return made
