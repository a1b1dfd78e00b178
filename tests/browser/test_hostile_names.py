"""Markup as the name of everything that has one, in every view of the app. Run: pytest -m browser tests/browser.

The views are found by following links, so one that is added tomorrow is visited too. No script runs, no dialog opens,
no policy is broken, no element comes to be of a name, nothing is fetched that a name asked for.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from browser.projects import add_project
from browser.signing_in import signed_in
from epochal.boxes import Detections
from epochal.evaluation import GroundTruth, evaluate, keep_boxes, save_boxes
from epochal.graphs.journal import Journal
from epochal.jobs.tables import ModelRow, TrainingRow
from epochal.server.app import create_app
from epochal.server.serving import ServerThread, bind
from epochal.storage.ids import new_id
from epochal.versions.tables import VersionRow
from epochal.workspaces.workspaces import ensure_first_workspace
from server.at_work import picture

pytestmark = pytest.mark.browser
# Each begins with a way out of where it might stand: text, an attribute, a script, an address, a style.
TAG = "<img src=x onerror=window.ran=1;alert(1)>"
QUOTED = "\"'><svg onload=window.ran=1;alert(2)>"
SCRIPT = "</script><script>window.ran=1;alert(3)</script>"
ADDRESS = "javascript:window.ran=1;alert(4)"
HOSTILE = (TAG, QUOTED, SCRIPT, ADDRESS)
WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", event => window.broken.push(event.violatedDirective));
"""
FOUND = """() => ({
    ran: window.ran ?? 0,
    broken: window.broken,
    made: [...document.querySelectorAll("img[onerror], svg[onload], script:not([src]), a[href^='javascript:' i]")]
        .map(one => one.outerHTML),
    text: document.body.innerText,
})"""
VIEWS_AT_LEAST, VIEWS_AT_MOST = 20, 80


def write_run(data: Path) -> None:
    """A run whose every name is markup, evaluated on three pictures."""
    run, dataset = data / "runs" / "cells-1", data / "cells"
    run.mkdir(parents=True)
    dataset.mkdir()
    names = [f"{TAG.replace('/', '')} {number}.png" for number in range(3)]
    for number, name in enumerate(names):
        (dataset / name).write_bytes(picture(number))
    box = np.array([[5, 5, 60, 50]], np.float32)
    truths = [GroundTruth(box, np.zeros(1, np.int64), np.zeros(1, bool), (90, 70))] * 3
    found = [Detections(box + 1, np.array([0.9 - i / 5], np.float32), np.array([int(i == 2)])) for i in range(3)]
    numbers = evaluate(truths, found, (TAG, QUOTED), resamples=0)
    hashes = [hashlib.sha256((dataset / name).read_bytes()).hexdigest() for name in names]
    for split in ("val", "test"):
        save_boxes(run / f"boxes-{split}.npz", keep_boxes(numbers, names, hashes))
    final = numbers.to_json(file_names=names, chosen_on=numbers) | {"split": "test", "examples": []}
    (run / "evaluation.json").write_text(json.dumps(final))
    (run / "evaluation-val.json").write_text(json.dumps(numbers.to_json(file_names=names) | {"split": "val"}))
    about = {"path": str(dataset), "format": TAG, "classes": [TAG, QUOTED]}
    recipe = {"name": TAG, "dataset": about, "recipe": {"model": SCRIPT, "epochs": 3}, "reasons": {"model": QUOTED}}
    (run / "recipe.json").write_text(json.dumps(recipe))
    progress = {"state": "failed", "epoch": 2, "epochs": 3, "updated_at": time.time(), "message": TAG}
    (run / "progress.json").write_text(json.dumps(progress))
    with Journal(run) as journal:
        journal.start(name=TAG, epochs_planned=3, seed=0)
        for epoch in (1, 2):
            series = {"train/box_loss": 2.0 / epoch, "metrics/mAP_0.5:0.95": 0.1 * epoch}
            journal.epoch(epoch, {**series, f"class/{TAG}/AP_0.5": 0.2, f"{SCRIPT}/loss": 1.0})
        journal.event(2, "warmup_end", QUOTED)
        journal.end("failed", TAG)


def add_training(server: ServerThread, project_id: str, name: str, state: str) -> str:
    with server.app.state.services.database.write() as session:
        version = session.query(VersionRow).filter_by(project_id=project_id).one()
        version.name, version.message = TAG, QUOTED
        row = TrainingRow(
            id=new_id(), workspace_id=ensure_first_workspace(session).id, project_id=project_id, version_id=version.id,
            name=name, state=state, model_type="fast-n", request={"numbers": {}, "recipe": {}, "start": {"kind": TAG}},
            limits={}, message=TAG, created_by="key:none", queued_at=time.time(), started_at=1.0, ended_at=2.0,
        )  # fmt: skip
        session.add(row)
        return row.id


def fill(server: ServerThread) -> str:
    """Give everything in the first workspace a hostile name; the slug of its project."""
    made = add_project(server, TAG)
    with closing(made.client) as client:
        name_all(client, made.url)
    with server.app.state.services.database.write() as session:
        model = session.query(ModelRow).one()
        model.classes, found = [TAG, QUOTED, SCRIPT], model.project_id
    add_training(server, found, SCRIPT, "finished")
    add_training(server, found, TAG, "failed")
    return made.slug


def name_all(client: httpx.Client, url: str) -> None:
    there = "/api/workspaces/my-workspace"
    change = {"is_public": True, "license": SCRIPT, "description": TAG + QUOTED}
    client.patch(url, json=change).raise_for_status()
    client.patch(there, json={"name": TAG}).raise_for_status()
    client.post(f"{there}/keys", json={"name": QUOTED, "scopes": ["read"]}).raise_for_status()
    client.post(f"{there}/credits", json={"credits": 3, "note": TAG}).raise_for_status()
    thrown = client.post(f"{there}/projects", json={"name": SCRIPT + TAG}).json()["slug"]
    client.delete(f"{there}/projects/{thrown}").raise_for_status()
    for number, text in enumerate(HOSTILE):
        fields = {"name": f"{text.replace('/', '')}.png", "batch": text, "tags": text.replace(",", "")}
        image = client.post(f"{url}/images", files={"file": ("a.png", picture(50 + number))}, data=fields).json()
        boxes = [{"class_name": text, "box_xyxy": [5, 5, 60, 50]}]
        client.put(f"{url}/images/{image['id']}/annotations", json={"boxes": boxes}).raise_for_status()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerThread]:
    data = tmp_path_factory.mktemp("hostile")
    write_run(data)
    with ServerThread(create_app(data), bind("127.0.0.1", 0)) as it:
        it.slug = fill(it)  # type: ignore[attr-defined]
        yield it


def seeds(slug: str) -> list[str]:
    project = f"#/w/my-workspace/projects/{slug}"
    tabs = ("", "/images", "/health", "/versions", "/versions/1", "/versions/new", "/versions/1/train", "/assist",
            "/deploy", "/settings")  # fmt: skip
    public = [f"#/universe/my-workspace/{slug}{tab}" for tab in ("", "/versions", "/graph", "/model", "/clone")]
    own = ["#/", "#/new", "#/account", "#/universe", "#/runs/cells-1", "#/compare/cells-1/cells-1"]
    return [*own, "#/workspaces/my-workspace", "#/w/my-workspace/projects", *(project + tab for tab in tabs), *public]


@pytest.mark.timeout(600)
def test_no_view__takes_a_name_for_markup(server: ServerThread, open_page: Callable[..., Page]) -> None:
    page = open_page(signed_in(server, "/account"), may_complain=True)  # of what is not there
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: said.append(f"error {error}"))
    page.on("console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("request", lambda request: said.append(request.url) if request.url.endswith("/x") else None)
    page.add_init_script(WATCH)
    expect(page.get_by_role("heading", name="Account")).to_be_visible()  # signed in, before it goes elsewhere
    waiting, seen, with_names = seeds(server.slug), list[str](), 0  # type: ignore[attr-defined]
    while waiting and len(seen) < VIEWS_AT_MOST:
        view = waiting.pop(0)
        if view in seen:
            continue
        seen.append(view)
        page.goto(f"{server.address}/{view}")
        page.reload()  # a change behind the # alone loads nothing anew
        page.wait_for_load_state("networkidle") if "runs/" not in view else page.wait_for_timeout(700)
        for details in page.locator("summary").all()[:10]:
            details.click(force=True, timeout=2000)
        found = page.evaluate(FOUND)
        assert (found["ran"], found["broken"], found["made"]) == (0, [], []), view
        with_names += "onerror=" in found["text"]
        links = page.eval_on_selector_all("a[href^='#/']", "links => links.map(one => one.getAttribute('href'))")
        waiting += [link for link in links if link not in seen and link not in waiting and "sign-in" not in link]
    page.close()
    assert said == []
    assert len(seen) >= VIEWS_AT_LEAST
    assert {"annotate", "trash"} <= {word for view in seen for word in view.split("/")}, "found by their links"
    assert with_names > VIEWS_AT_LEAST // 2, "names are shown, as text"
