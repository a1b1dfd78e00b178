"""A real browser, and a real server over a data folder whose runs the tests write."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from browser.documents import Document
from browser.projects import ServedProject, add_project
from epochal.graphs.report import format_report
from epochal.server.app import create_app
from epochal.server.serving import ServerThread, bind

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


class Watched(list[str]):
    """What a page complained about and what it asked the network for."""

    def follow(self, page: Page) -> None:
        page.on("console", lambda said: self.append(f"{said.type}: {said.text}") if said.type != "log" else None)
        page.on("pageerror", lambda error: self.append(f"error: {error}"))


@pytest.fixture(scope="package")  # while it is open no other test of the process can run an event loop of its own
def browser() -> Iterator[Browser]:
    """Debian's Chromium where there is one, else Playwright's own."""
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    with sync_playwright() as playwright:
        try:
            made = playwright.chromium.launch(executable_path=program, args=FLAGS)
        except Error as error:
            reason = f"needs a Chromium (`make browser` finds or installs one): {error.message.splitlines()[0]}"
            if os.environ.get("EPOCHAL_CI") == "1":
                pytest.fail(reason)
            pytest.skip(reason)
        yield made
        made.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of a size in light or dark; at the end it must have had nothing to complain about."""
    watched = Watched()
    opened: list[Page] = []

    def open_it(url: str, *, width: int = 1280, scheme: Any = "light", may_complain: bool = False) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True)
        page.set_default_timeout(10_000)
        opened.append(page)
        if not may_complain:
            watched.follow(page)
        page.goto(url)
        return page

    yield open_it
    for page in opened:
        page.context.close()
    assert list(watched) == []


@pytest.fixture
def open_report(open_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """Write a report as `epochal graph` does and open it from the disk; no request may leave the page."""

    def open_it(*documents: Document, comparison: Document | None = None, fragment: str = "", **how: Any) -> Page:
        path = tmp_path / "graph.html"
        path.write_text(format_report(documents, comparison=comparison), "utf-8")
        return open_page(f"file://{path}{fragment}", **how)

    return open_it


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerThread]:
    """A server over an empty data folder, one for the tests of a file."""
    with ServerThread(create_app(tmp_path_factory.mktemp("served")), bind("127.0.0.1", 0)) as it:
        yield it


@pytest.fixture(scope="module")
def project(server: ServerThread) -> Iterator[ServedProject]:
    """See `add_project`; one for the tests of a file."""
    made = add_project(server)
    yield made
    made.client.close()
