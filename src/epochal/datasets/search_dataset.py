"""The images that a search finds, as a `Dataset`: classes of several projects become one list by their names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.datasets.dataset import Dataset, Image
from epochal.datasets.project_dataset import load_dataset
from epochal.datasets.query_language import parse_query
from epochal.datasets.tables import ImageRow, ProjectRow
from epochal.errors import BadInput
from epochal.storage.blobs import BlobStore


def load_found(session: Session, blobs: BlobStore, workspace_id: str, query: str) -> Dataset:
    """Read the images of a workspace that a query finds.

    Returns:
        The dataset; where several projects have a part in it, names begin with their project's.

    Raises:
        BadInput: the query cannot be read, or finds nothing.
    """
    found = (
        select(ImageRow.project_id, ImageRow.sha256)
        .join(ProjectRow, ProjectRow.id == ImageRow.project_id)
        .where(ProjectRow.workspace_id == workspace_id, ProjectRow.deleted_at.is_(None), ImageRow.deleted_at.is_(None))
        .where(parse_query(query))
    )
    hashes: dict[str, set[str]] = {}
    for project_id, sha256 in session.execute(found):
        hashes.setdefault(project_id, set()).add(sha256)
    if not hashes:
        raise BadInput(f"The query {query[:80]!r} finds no image; there is nothing to export.")
    parts = []
    for project_id, wanted in sorted(hashes.items()):
        whole = load_dataset(session, blobs, project_id, only_in_dataset=False)
        parts.append(replace(whole, images=tuple(image for image in whole.images if image.sha256 in wanted)))
    return parts[0] if len(parts) == 1 else merge_datasets(parts)


def merge_datasets(parts: list[Dataset]) -> Dataset:
    """Datasets as one, with the name of each before the names of its images."""
    names = list(dict.fromkeys(name for part in parts for name in part.class_names))
    images: list[Image] = []
    for part in parts:
        ids = np.array([names.index(name) for name in part.class_names], np.int64)
        images += [
            image.changed(
                name=f"{part.name}_{image.name}", class_id=ids[image.class_id] if len(ids) else image.class_id
            )
            for image in part.images
        ]
    images.sort(key=lambda image: image.name)
    return Dataset(Path("search"), "search", "project", tuple(names), tuple(images), (), ())
