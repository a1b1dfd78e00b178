"""On a phone nobody scrolls sideways to read a table. Run: pytest -m browser tests/browser/test_phone_tables.py."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from browser import documents
from browser.projects import ServedProject, add_project
from browser.signing_in import signed_in
from epochal.server.serving import ServerThread

pytestmark = pytest.mark.browser
WORKSPACE = "/api/workspaces/my-workspace"
# But for grids that are read along both sides: all series by epoch, and all classes by all classes.
TOO_WIDE = """() => [...document.querySelectorAll("table")]
    .filter((table) => table.checkVisibility() && !table.closest("[aria-label='Table of epochs'], [data-wide]"))
    .filter((table) => table.scrollWidth > table.parentElement.clientWidth + 1)
    .map((table) => table.innerText.slice(0, 80))"""


@pytest.fixture(scope="module")
def project(server: ServerThread) -> Iterator[ServedProject]:
    """A project on which a model has proposed boxes, in a workspace with people and keys of long names."""
    made = add_project(server)
    client = made.client
    invited = {"email": "somebody.with.a.long.name@department.example.org", "role": "member"}
    client.post(f"{WORKSPACE}/members", json=invited).raise_for_status()
    key = {"name": "The laptop of the laboratory's second microscope", "scopes": ["read", "write", "infer"]}
    client.post(f"{WORKSPACE}/keys", json=key).raise_for_status()
    client.post(
        f"{WORKSPACE}/credits", json={"credits": 7, "note": "For the people of the other laboratory"}
    ).raise_for_status()
    assists = f"{made.url}/label-assists"
    client.post(assists, json={"model": made.model, "confidence": 0.001}).raise_for_status()
    while client.get(assists).json()["assists"][0]["state"] == "running":
        time.sleep(0.05)
    yield made
    client.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rows_of_a_workspace__are_cards_that_name_their_columns(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page], scheme: str
) -> None:
    page = open_page(signed_in(server, "/workspaces/my-workspace"), width=390, scheme=scheme)
    expect(page.get_by_test_id("key").first).to_be_visible()
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_test_id("audit").first).to_be_visible()
    expect(page.get_by_test_id("member").filter(has_text="somebody.with")).to_be_visible()
    assert page.evaluate(TOO_WIDE) == []
    key = page.get_by_test_id("key").filter(has_text="second microscope")
    shown = key.get_by_role("cell").nth(3).evaluate("cell => getComputedStyle(cell, '::before').content")
    assert shown == '"Last used"'
    revoke = key.get_by_role("button", name="Revoke")
    revoke.click()
    expect(key).to_have_count(0)
    made = {"name": "The laptop of the laboratory's second microscope", "scopes": ["read"]}
    assert project.client.post(f"{WORKSPACE}/keys", json=made).status_code == httpx.codes.CREATED
    page.close()


def test_other_tables__fit(server: ServerThread, project: ServedProject, open_page: Callable[..., Page]) -> None:
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/assist"), width=390)
    row = page.get_by_test_id("assist").first
    expect(row).to_contain_text("finished")
    assert page.evaluate(TOO_WIDE) == []
    page.goto(f"{server.address}/#/api")
    page.get_by_label("Search").fill("put annotations")
    page.get_by_test_id("route").first.locator("summary").click()
    expect(page.get_by_role("heading", name="Parameters").first).to_be_visible()
    assert page.evaluate(TOO_WIDE) == []
    page.close()


def test_tables__are_tables_on_a_wide_screen(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    page = open_page(signed_in(server, "/workspaces/my-workspace"))
    table = page.get_by_role("table", name="API keys")
    expect(table.get_by_role("columnheader", name="Last used")).to_be_visible()
    cells = [table.get_by_role("row").nth(1).get_by_role("cell").nth(i).bounding_box() for i in (0, 3)]
    assert cells[0] is not None
    assert cells[1] is not None
    assert cells[1]["x"] > cells[0]["x"] + 50, "beside each other"
    page.close()


def test_tables_of_an_evaluation__show_all_columns(open_report: Callable[..., Page]) -> None:
    page = open_report(documents.healthy(), width=390)
    table = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="Precision")).first
    table.scroll_into_view_if_needed()
    expect(table.get_by_role("columnheader", name="Recall")).to_be_in_viewport(ratio=1)
    assert page.evaluate(TOO_WIDE) == []
