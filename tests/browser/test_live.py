"""The app against the real server, with a run that the test itself writes. Run: pytest -m browser tests/browser."""

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.signing_in import signed_in
from epochal.graphs.journal import Journal
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher
from epochal.jobs.processes import this_process
from epochal.server.app import create_app
from epochal.server.serving import ServerThread, bind

MAP = "metrics/mAP_0.5:0.95"
FAKE_TRAINER = (sys.executable, str(Path(__file__).parents[1] / "jobs" / "fake_trainer.py"))
pytestmark = pytest.mark.browser


def serve(data: Path, port: int = 0) -> ServerThread:
    launcher = Launcher(DataFolder(data), command=FAKE_TRAINER)
    return ServerThread(create_app(data, launcher=launcher), bind("127.0.0.1", port))


def say(folder: Path, state: str, epoch: int, age_s: float = 0) -> None:
    me = this_process()
    fields = {"state": state, "pid": me.pid, "process_started_at": me.started_at, "epoch": epoch, "epochs": 9}
    (folder / "progress.json").write_text(json.dumps({**fields, "updated_at": time.time() - age_s, "message": ""}))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that has begun."""
    folder = tmp_path / "runs" / "cells-1"
    folder.mkdir(parents=True)
    recipe = {"name": "cells-1", "dataset": {"path": "/data/cells"}, "recipe": {"model": "fast-n", "epochs": 9}}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    say(folder, "training", 1)
    return folder


def values(epoch: int) -> dict[str, float]:
    return {"train/box_loss": 2 / epoch, MAP: 0.1 * epoch, "lr": 0.01}


def test_live_run__grows_without_reload_and_loses_nothing_when_the_server_restarts(
    run: Path, open_page: Callable[..., Page]
) -> None:
    data = run.parents[1]
    with Journal(run) as journal:
        journal.start(name="cells-1", epochs_planned=9, seed=0)
        with serve(data) as server:
            port = int(server.address.rpartition(":")[2])
            # The browser itself complains about a server that is away.
            page = open_page(signed_in(server, "/runs/cells-1"), may_complain=True)
            expect(page.get_by_text("The first epoch is under way")).to_be_visible()
            page.evaluate("window.isSamePage = true")
            journal.epoch(1, values(1))
            journal.epoch(2, values(2))
            expect(page.get_by_test_id("readout")).to_contain_text("Epoch 2 of 9")
            page.evaluate("window.canvas = document.querySelector('.uplot canvas')")
        expect(page.get_by_text("No connection for")).to_be_visible()
        journal.epoch(3, values(3))
        say(run, "training", 4)
        with serve(data, port):
            expect(page.get_by_test_id("readout")).to_contain_text("Epoch 3 of 9", timeout=20_000)
            journal.epoch(4, values(4))
            expect(page.get_by_text("Table of all 4 epochs")).to_be_visible(timeout=10_000)
            expect(page.get_by_text("No connection for")).to_have_count(0)
            assert page.evaluate("window.isSamePage") is True
            # New points go into the same drawing: one that is built anew would flicker.
            assert page.evaluate("window.canvas === document.querySelector('.uplot canvas')") is True
            page.close()


@pytest.mark.parametrize(("state", "age_s", "words"), [("training", 300, "Silent for"), ("failed", 0, "failed")])
def test_run__that_is_in_trouble_says_what_to_do(
    run: Path, open_page: Callable[..., Page], state: str, age_s: float, words: str
) -> None:
    say(run, state, 1, age_s)
    with serve(run.parents[1]) as server:
        page = open_page(signed_in(server, "/runs/cells-1"))
        expect(page.get_by_text(words).first).to_be_visible()
        expect(page.get_by_role("link", name="Open the log")).to_be_visible()
        expect(page.get_by_test_id("age")).to_contain_text("last update")
        page.close()


def test_training__is_started_and_stopped_from_the_page(
    tmp_path: Path, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_EPOCH_S", "0.4")
    (tmp_path / "datasets" / "cells").mkdir(parents=True)
    with serve(tmp_path) as server:
        page = open_page(signed_in(server))
        expect(page.get_by_text("No training has run here yet")).to_be_visible()
        page.get_by_role("link", name="New training").click()
        page.get_by_label("Epochs").fill("none")
        page.get_by_role("button", name="Start the training").click()
        expect(page.get_by_text("expected a whole number from 1 to 10000")).to_be_visible()
        page.get_by_label("Epochs").fill("200")
        page.get_by_role("button", name="Start the training").click()
        expect(page.get_by_test_id("readout")).to_be_visible(timeout=15_000)
        page.get_by_role("button", name="Stop after this epoch").click()
        expect(page.get_by_test_id("state")).to_have_text("Stopped", timeout=15_000)
        expect(page.get_by_role("button", name="Resume")).to_be_visible()
        page.get_by_role("link", name="All runs").click()
        expect(page.get_by_test_id("run")).to_contain_text("of 200")
        page.close()


def test_runs__that_are_ticked_are_compared(run: Path, open_page: Callable[..., Page]) -> None:
    with Journal(run) as journal:
        journal.start(name="cells-1", epochs_planned=9, seed=0)
        journal.epoch(1, values(1))
        journal.epoch(2, values(2))
    shutil.copytree(run, run.parent / "cells-2")
    with serve(run.parents[1]) as server:
        page = open_page(signed_in(server))
        page.get_by_label("Compare cells-1").check()
        page.get_by_label("Compare cells-2").check()
        page.get_by_role("link", name="Compare 2 runs").click()
        expect(page.get_by_role("region", name="Differences")).to_contain_text("Not tested")
        expect(page.get_by_test_id("overlay-values").locator("[data-key=mean0]")).to_have_text("0.2000")
        expect(page.get_by_text("No setting differs.")).to_be_visible()
        reached = page.get_by_role("region", name="What each run reached").get_by_role("row")
        expect(reached.nth(2)).to_contain_text("0.200")
        expect(page.get_by_text("this page looks again")).to_be_visible()
        reached.nth(1).get_by_role("link", name="cells-1").click()
        expect(page.get_by_test_id("readout")).to_contain_text("Epoch 2 of 9")
        page.close()


def test_run__zoom_and_cursor_stay_while_epochs_arrive(run: Path, open_page: Callable[..., Page]) -> None:
    with Journal(run) as journal:
        journal.start(name="cells-1", epochs_planned=9, seed=0)
        for epoch in range(1, 6):
            journal.epoch(epoch, values(epoch))
        with serve(run.parents[1]) as server:
            page = open_page(signed_in(server, "/runs/cells-1?zoom=1.5~4.5"))
            area = page.locator(".u-over").first
            area.hover(position={"x": 300, "y": 60})
            readout = page.get_by_test_id("readout")
            expect(readout).to_contain_text("under the cursor")
            before, address = readout.inner_text(), page.url
            journal.epoch(6, values(6))
            expect(page.get_by_text("Table of all 6 epochs")).to_be_visible()
            assert (readout.inner_text(), page.url) == (before, address)
            page.close()
