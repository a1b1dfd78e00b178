"""Compose the server.

    request ─► RequestLog ─► Guard ─► routes/ ─► jobs (files of the data folder) ─► answer, or errors.py
                                  ├─► roboflow/ (the surface at the root)
                                  └─► pages.py (the built web app)

Nothing is kept between requests but caches, the database and the blobs: two servers on the same show the same.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware

from epochal import __version__
from epochal.config import Value, count_cores, read_settings
from epochal.datasets.decoders import decoding_elsewhere
from epochal.jobs.answering import Answering
from epochal.jobs.background import Background
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.evaluated import EvaluatedImages
from epochal.jobs.label_assist import LabelAssist
from epochal.jobs.launcher import Launcher
from epochal.jobs.project_work import ProjectWork
from epochal.jobs.run_owners import find_version_of_run
from epochal.jobs.runs import RunIndex
from epochal.jobs.trash import Trash
from epochal.jobs.version_work import VersionWork
from epochal.server import roboflow
from epochal.server.answers import ErrorAnswer
from epochal.server.bodies import body_limits
from epochal.server.errors import CatchUnexpected, add_error_handlers
from epochal.server.feeds import Feeds
from epochal.server.guard import LOOPBACK_NAMES, Guard, allowed_hosts
from epochal.server.keyring import KeyRing
from epochal.server.logs import RequestLog
from epochal.server.methods import Methods
from epochal.server.metrics import Metrics
from epochal.server.pages import STATIC, Pages, to_api_page
from epochal.server.rates import Rates, Tries
from epochal.server.repeats import ONE_OF_EACH
from epochal.server.routes import (
    active_learning,
    annotating,
    compare,
    datasets,
    downloads,
    evaluated,
    files,
    health,
    image_labels,
    images,
    inference,
    keys,
    label_assists,
    metrics,
    models,
    pictures,
    projects,
    runs,
    signing_in,
    trainings,
    trash,
    universe,
    versions,
    worker,
    workspaces,
    zip_uploads,
)
from epochal.server.services import Services, open_blobs, open_database, open_queue
from epochal.server.session_cookie import session_cookie
from epochal.server.signing import load_signer
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.workspaces.workspaces import ensure_first_workspace

DESCRIPTION = "Runs, datasets and trainings of one Epochal data folder. Every error is an ErrorAnswer."

ROUTES = (
    inference,  # first: routes are tried in their order, and these are asked most
    health,
    metrics,
    signing_in,
    workspaces,
    keys,
    runs,
    trainings,
    worker,
    compare,
    evaluated,
    files,
    datasets,
    versions,
    downloads,
    active_learning,
    models,
    label_assists,
    pictures,
    zip_uploads,
    projects,
    trash,
    images,
    image_labels,
    annotating,
    universe,
)


def create_app(
    data_dir: Path,
    *,
    launcher: Launcher | None = None,
    feeds: Feeds | None = None,
    database: Database | None = None,
    blobs: BlobStore | None = None,
    stall_after_s: float = 60.0,
    static: Path = STATIC,
    hosts: Iterable[str] = (),
) -> FastAPI:
    """Make the server's application for a data folder.

    Args:
        data_dir: the data folder; it need not exist.
        launcher: starts trainings; of this installation's own `epochal` when None.
        feeds: server-sent events; with the usual times when None.
        database: brought up to date; SQLite in the data folder when None.
        blobs: a folder in the data folder when None.
        stall_after_s: a live run that is silent for longer is shown as stalled.
        static: the built web app.
        hosts: names of this server in a Host header, beside those of loopback and the setting `allowed_hosts`.

    Raises:
        BadInput: the data folder is a file.
    """
    settings = read_settings()
    services = _open_services(DataFolder(data_dir), settings, launcher, feeds, database, blobs, stall_after_s)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        memory_bytes, processes = int(settings["decoder_memory_bytes"]), int(settings["decoder_processes"])
        with decoding_elsewhere(memory_bytes=memory_bytes, processes=processes or 2 * count_cores()):
            services.go_on()
            make_routes_ready(app)  # before the server is ready: beside it, every request would wait for a share of it
            yield
            services.close()

    app = FastAPI(
        title="Epochal",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's pages load scripts from other servers, which our Content-Security-Policy forbids
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(RequestLog, metrics=services.metrics),
            Middleware(
                Guard,
                hosts=LOOPBACK_NAMES | frozenset(hosts) | allowed_hosts(str(settings["allowed_hosts"])),
                limits=body_limits(settings),
                rates=Rates(float(settings["requests_per_s_of_address"])),
            ),
            Middleware(CatchUnexpected),
        ],
        responses={"4XX": {"model": ErrorAnswer}, 422: {"model": ErrorAnswer}},
    )
    app.state.services = services
    methods = Methods([*(routes.router for routes in ROUTES), *roboflow.ROUTERS])
    add_error_handlers(app, methods)
    for routes in ROUTES:
        app.include_router(routes.router, dependencies=[ONE_OF_EACH])
    for router in roboflow.ROUTERS:
        app.include_router(router)
    app.add_route("/api/docs", to_api_page, methods=["GET"], include_in_schema=False)
    # Last, because it takes every address that is left; unknown ones under /api get their 404 there too.
    app.add_route("/{path:path}", Pages(static, methods).answer, methods=["GET"], include_in_schema=False)
    return app


def make_routes_ready(app: FastAPI) -> None:
    """Make what FastAPI makes of each route when a request is first held against it: nobody waits for it then.

    It takes half a second of the processor.
    """
    for route in app.routes:
        route.matches({"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []})


def _open_services(
    data: DataFolder, settings: Mapping[str, Value], launcher: Launcher | None, feeds: Feeds | None,
    database: Database | None, blobs: BlobStore | None, stall_after_s: float,
) -> Services:  # fmt: skip
    index = RunIndex(data, stall_after_s=stall_after_s)
    database = database or open_database(data)
    blobs = blobs or open_blobs(data)
    background = Background()
    answering = Answering(database, blobs, settings)
    signer = load_signer(data.root, str(settings["secret_key"]))
    with database.write() as session:
        first_workspace = ensure_first_workspace(session).slug
    attempts, scheduler = open_queue(data, database, blobs)
    return Services(
        data=data,
        index=index,
        evaluated=EvaluatedImages(data, partial(find_version_of_run, database, data.root)),
        launcher=launcher or Launcher(data, stall_after_s=stall_after_s),
        feeds=feeds or Feeds(index),
        database=database,
        blobs=blobs,
        background=background,
        attempts=attempts,
        scheduler=scheduler,
        signer=signer,
        keys=KeyRing(database),
        rates=Rates(float(settings["requests_per_s"])),
        tries=Tries(),
        cookie=session_cookie(signer, is_secure=bool(settings["cookie_secure"])),
        first_workspace=first_workspace,
        version_work=VersionWork(database, blobs, data.root, background),
        project_work=ProjectWork(database, blobs, data.root, background),
        answering=answering,
        label_assist=LabelAssist(database, blobs, answering, background),
        metrics=Metrics(database, answering.monitor),
        trash=Trash(database, blobs, data.root),
    )
