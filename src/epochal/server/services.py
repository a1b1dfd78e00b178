"""What the routes work with."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher
from epochal.jobs.runs import RunIndex
from epochal.server.feeds import Feeds


@dataclass(frozen=True)
class Services:
    """One data folder, and what reads and changes it."""

    data: DataFolder
    index: RunIndex
    launcher: Launcher
    feeds: Feeds


def _services(request: Request) -> Services:
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


Served = Annotated[Services, Depends(_services)]
