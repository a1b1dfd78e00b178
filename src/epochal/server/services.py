"""What the routes work with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from epochal.config import read_settings
from epochal.errors import BadInput
from epochal.jobs.answering import Answering
from epochal.jobs.attempts import Attempts
from epochal.jobs.background import Background
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.evaluated import EvaluatedImages
from epochal.jobs.label_assist import LabelAssist
from epochal.jobs.launcher import Launcher
from epochal.jobs.launchers import LAUNCHERS, TrainingLauncher
from epochal.jobs.project_work import ProjectWork
from epochal.jobs.runs import RunIndex
from epochal.jobs.scheduler import Scheduler
from epochal.jobs.trash import Trash
from epochal.jobs.version_work import VersionWork
from epochal.jobs.webhooks import post_message
from epochal.server.feeds import Feeds
from epochal.server.keyring import KeyRing
from epochal.server.metrics import Metrics
from epochal.server.rates import Rates, Tries
from epochal.server.session_cookie import SessionCookie
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
    attempts: Attempts
    scheduler: Scheduler
    signer: Signer
    keys: KeyRing
    rates: Rates
    tries: Tries
    cookie: SessionCookie
    first_workspace: str  # its slug: whose the runs of the data folder are
    version_work: VersionWork
    project_work: ProjectWork
    answering: Answering
    label_assist: LabelAssist
    metrics: Metrics
    trash: Trash

    def go_on(self) -> None:
        """Take up what an earlier server left unfinished."""
        self.version_work.go_on()
        self.label_assist.go_on()
        self.project_work.go_on()
        self.trash.start()
        self.background.submit("long journals", self.index.read_long_journals)

    def close(self) -> None:
        """End what runs for this server alone; trainings go on."""
        self.feeds.close()
        self.trash.close()
        self.scheduler.close()
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


def open_queue(
    data: DataFolder,
    database: Database,
    blobs: BlobStore,
    launchers: Mapping[str, TrainingLauncher] | None = None,
) -> tuple[Attempts, Scheduler]:
    """Where workers of trainings report to, and what starts them.

    Args:
        data: the data folder.
        database: of the rows.
        blobs: of the models' files.
        launchers: by name; those of `jobs/launchers.py` when None.

    Raises:
        BadInput: the setting `training_launcher` names none of them.
    """
    known = launchers or {name: kind() for name, kind in LAUNCHERS.items()}
    settings = read_settings()
    wanted = str(settings["training_launcher"])
    if wanted not in known:
        raise BadInput(f"training_launcher is {wanted!r}; expected one of {', '.join(known)}.")
    attempts = Attempts(
        database,
        blobs,
        data,
        shares_folder=lambda name: name in known and known[name].shares_folder,
        lease_s=float(settings["worker_lease_s"]),
    )
    at_once = int(settings["max_trainings_at_once"])
    scheduler = Scheduler(
        database, attempts, known, data_root=data.root, launcher=wanted, at_once=at_once, post=post_message
    )
    return attempts, scheduler


def services_of(request: Request) -> Services:
    """What the server of a request works with."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


async def _services(request: Request) -> Services:  # async: a plain one is called in another thread, each time
    return services_of(request)


Served = Annotated[Services, Depends(_services)]
