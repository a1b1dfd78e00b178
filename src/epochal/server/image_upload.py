"""One image comes in over HTTP: looked at and stored outside the transaction, then given its row with others."""

import json
from collections.abc import Sequence
from typing import Any

from epochal.datasets.batches import DEFAULT_BATCH
from epochal.datasets.projects import find_project
from epochal.datasets.uploads import AddedImage, inspect_image, keep_image, record_image
from epochal.errors import BadInput
from epochal.server.services import Services


def take_image(
    served: Services,
    workspace_id: str,
    project: str,
    data: bytes,
    *,
    name: str,
    split: str | None,
    batch_name: str | None = None,
    tags: Sequence[str] = (),
    source: str = "upload",
    metadata: dict[str, Any] | None = None,
) -> AddedImage:
    """Add an image to the project of that slug; as `datasets.uploads`, which says the rest.

    It is acknowledged when its bytes and its row are kept; small writes of several requests share one commit.
    """
    with served.database.read() as session:
        project_id = find_project(session, workspace_id, project).id
    inspected = inspect_image(data, name)
    is_new = keep_image(served.blobs, inspected)
    added = served.database.write_grouped(
        lambda session: record_image(
            session,
            project_id,
            inspected,
            name=name,
            split=split,
            batch_name=batch_name or DEFAULT_BATCH,
            tags=tags,
            source=source,
            metadata=metadata,
        )
    )
    if not is_new:
        keep_image(served.blobs, inspected)
    return added


def parse_metadata(text: str | None) -> dict[str, Any]:
    """Metadata sent as JSON text. Raises BadInput."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadInput(f'The metadata {text[:60]!r} is no JSON object; expected such as {{"camera": "east"}}.')
    return found
