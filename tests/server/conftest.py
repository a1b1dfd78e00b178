"""A real server on a free port, over a real data folder, with the fake trainer of tests/jobs."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from epochal.graphs.journal import Journal
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher
from epochal.jobs.processes import this_process
from epochal.jobs.runs import RunIndex
from epochal.server.app import create_app
from epochal.server.feeds import Feeds
from epochal.server.services import Services
from epochal.server.serving import ServerThread, bind
from epochal.workspaces.keys import create_key
from epochal.workspaces.scopes import SCOPES
from epochal.workspaces.workspaces import create_workspace, ensure_first_workspace, list_workspaces

FAKE_TRAINER = (sys.executable, str(Path(__file__).parents[1] / "jobs" / "fake_trainer.py"))
MAP = "metrics/mAP_0.5:0.95"


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "data"


@pytest.fixture
def data(root: Path) -> Iterator[DataFolder]:
    """The data folder of the one server of this test session, emptied after each test."""
    (root / "datasets" / "cells").mkdir(parents=True)
    yield DataFolder(root)
    for name in ("datasets", "runs"):
        shutil.rmtree(root / name, ignore_errors=True)


@pytest.fixture
def run(data: DataFolder) -> Path:
    """A run of two epochs that is training."""
    folder = data.new_run_folder("cells")
    recipe = {"name": "cells-1", "dataset": {"path": "/data/cells"}, "recipe": {"model": "fast-n", "epochs": 9}}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    me = this_process()
    progress = {"state": "training", "pid": me.pid, "process_started_at": me.started_at, "epoch": 3, "epochs": 9}
    (folder / "progress.json").write_text(json.dumps({**progress, "updated_at": time.time(), "message": ""}))
    with Journal(folder) as journal:
        journal.start(name="cells-1", epochs_planned=9, seed=0)
        journal.epoch(1, {"train/box_loss": 2.0, MAP: 0.1})
        journal.epoch(2, {"train/box_loss": float("nan"), MAP: 0.2})
    return folder


@pytest.fixture(scope="session")
def one_launcher(root: Path) -> Launcher:
    return Launcher(DataFolder(root), command=FAKE_TRAINER)


@pytest.fixture
def launcher(one_launcher: Launcher, data: DataFolder) -> Iterator[Launcher]:
    yield one_launcher
    for folder in data.run_folders():
        one_launcher.wait(folder.name, timeout_s=20)


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app") / "static"


@pytest.fixture
def static(static_folder: Path) -> Iterator[Path]:
    """A built web app, in small."""
    (static_folder / "assets").mkdir(parents=True)
    (static_folder / "index.html").write_text("<!doctype html><script type=module src=./assets/app-1.js></script>")
    (static_folder / "assets" / "app-1.js").write_text("export {}")
    yield static_folder
    shutil.rmtree(static_folder)


@pytest.fixture(scope="session")
def server_feeds(root: Path) -> Feeds:
    return Feeds(RunIndex(DataFolder(root)), look_every_s=0.02, heartbeat_s=0.3)


@pytest.fixture(scope="session")
def server(root: Path, one_launcher: Launcher, static_folder: Path, server_feeds: Feeds) -> Iterator[ServerThread]:
    app = create_app(root, launcher=one_launcher, feeds=server_feeds, static=static_folder)
    with ServerThread(app, bind("127.0.0.1", 0)) as it:
        yield it


@pytest.fixture
def client(server: ServerThread, data: DataFolder, launcher: Launcher, static: Path) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=20, trust_env=False) as made:
        yield made


@pytest.fixture(scope="session")
def served(server: ServerThread) -> Services:
    """What the running server works with."""
    return server.app.state.services


MakeKey = Callable[..., str]


@pytest.fixture(scope="session")
def make_key(served: Services) -> MakeKey:
    """`make_key("read", "infer", workspace="other")`: a new key; all scopes and the first workspace when not said."""

    def make(*scopes: str, workspace: str | None = None) -> str:
        with served.database.write() as session:
            where = ensure_first_workspace(session)
            if workspace is not None:
                known = {one.slug: one for one in list_workspaces(session)}
                where = known.get(workspace) or create_workspace(session, workspace, slug=workspace)
            return create_key(session, where.id, scopes=scopes or SCOPES)[0]

    return make


@pytest.fixture
def keyed(client: httpx.Client, make_key: MakeKey) -> Iterator[httpx.Client]:
    """A client with a key of the first workspace, `my-workspace`, that may do all."""
    headers = {"Authorization": f"Bearer {make_key()}"}
    with httpx.Client(base_url=client.base_url, timeout=20, trust_env=False, headers=headers) as made:
        yield made
