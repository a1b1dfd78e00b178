"""What the routes work with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from epochal.jobs.answering import Answering
from epochal.jobs.background import Background
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.evaluated import EvaluatedImages
from epochal.jobs.launcher import Launcher
from epochal.jobs.runs import RunIndex
from epochal.jobs.version_work import VersionWork
from epochal.server.feeds import Feeds
from epochal.server.keyring import KeyRing
from epochal.server.signing import Signer
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.migrating import migrate


@dataclass(frozen=True)
class Services:
    """One data folder, and what reads and changes it."""

    data: DataFolder
    index: RunIndex
    evaluated: EvaluatedImages
    launcher: Launcher
    feeds: Feeds
    database: Database
    blobs: BlobStore
    background: Background
    signer: Signer
    keys: KeyRing
    version_work: VersionWork
    answering: Answering

    def go_on(self) -> None:
        """Take up what an earlier server left unfinished."""
        self.version_work.go_on()

    def close(self) -> None:
        """End what runs for this server alone; trainings go on."""
        self.feeds.close()
        self.background.close()
        self.answering.close()
        self.database.close()


def open_database(data: DataFolder, url: str = "") -> Database:
    """The database of a server, brought up to date.

    Args:
        data: the data folder.
        url: the setting `database_url`; empty for SQLite in the data folder.
    """
    database = Database(url or f"sqlite:///{data.root / 'epochal.sqlite'}")
    migrate(database, copies=data.root / "copies")
    return database


def open_blobs(data: DataFolder, url: str = "") -> BlobStore:
    """The blob store of a server.

    Args:
        data: the data folder.
        url: the setting `storage_url`; empty for a folder in the data folder.
    """
    return BlobStore(url or data.root / "blobs", data.root / "cache" / "blobs")


def _services(request: Request) -> Services:
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


Served = Annotated[Services, Depends(_services)]
