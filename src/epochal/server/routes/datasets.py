"""Datasets that can be trained on."""

from fastapi import APIRouter

from epochal.server.answers import DatasetEntry, DatasetList
from epochal.server.callers import NEEDS_READ
from epochal.server.services import Served

router = APIRouter(prefix="/api/datasets", tags=["datasets"], dependencies=[NEEDS_READ])


@router.get("")
def list_datasets(served: Served) -> DatasetList:
    """The datasets under the data folder, by name."""
    return DatasetList(datasets=[DatasetEntry(name=e.name, updated_at=e.updated_at) for e in served.data.datasets()])
