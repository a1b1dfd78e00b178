"""The health check of a project: the document of `datasets.health`, of its rows, with the ids of the images named."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.datasets.health import dataset_health
from epochal.datasets.project_dataset import load_dataset
from epochal.datasets.tables import ImageRow
from epochal.storage.blobs import BlobStore


def check_project(
    session: Session, blobs: BlobStore, project_id: str, *, near_duplicates: bool = False
) -> dict[str, Any]:
    """What `epochal check --json` says of a dataset, of a project; images that wait in batches are included.

    Args:
        session: that reads.
        blobs: with the pictures.
        project_id: of the project.
        near_duplicates: look for pictures that show the same, which decodes every one: a millisecond for each.

    Returns:
        The document of `dataset_health`, and `image_ids`: {name of an image that a finding or group names: its id}.
    """
    dataset = load_dataset(session, blobs, project_id, only_in_dataset=False)
    told = dataset_health(dataset, near_duplicates=near_duplicates)
    named = {place["image"] for finding in told["findings"] for place in finding["where"]}
    named |= {image["image"] for group in told["groups"] for image in group["images"]}
    hashes = {image.name: image.sha256 for image in dataset.images if image.name in named}
    rows = session.execute(select(ImageRow.sha256, ImageRow.id).where(ImageRow.project_id == project_id))
    ids = {sha256: image_id for sha256, image_id in rows}  # noqa: C416  # a dict of rows has no type that mypy knows
    return {**told, "image_ids": {name: ids[sha256] for name, sha256 in hashes.items()}}
