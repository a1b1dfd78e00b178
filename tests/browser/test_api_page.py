"""The page of the API in a real browser. Run: pytest -m browser tests/browser/test_api_page.py."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.signing_in import signed_in
from epochal.server.app import create_app
from epochal.server.serving import ServerThread, bind
from epochal.workspaces.keys import create_key
from epochal.workspaces.workspaces import ensure_first_workspace

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerThread]:
    with ServerThread(create_app(tmp_path / "data"), bind("127.0.0.1", 0)) as it:
        yield it


@pytest.mark.skipif(shutil.which("curl") is None, reason="runs the shown command, which is curl's")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_api_page__finds_a_route_and_its_command_works(
    server: ServerThread, open_page: Callable[..., Page], width: int, scheme: str
) -> None:
    page = open_page(signed_in(server), width=width, scheme=scheme)
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    page.goto(f"{server.address}/api/docs")
    expect(page.get_by_role("heading", name="API", exact=True)).to_be_visible()
    assert page.url.endswith("/#/api")
    page.get_by_label("Search").fill("post projects empty")
    route = page.get_by_test_id("route")
    expect(route).to_have_count(1)
    route.locator("summary").click()
    expect(route).to_contain_text("annotation_group")
    expect(route).to_contain_text("string of 1…200 characters required")
    expect(route).to_contain_text("Answer 201")
    command = route.locator("pre").inner_text()
    with server.app.state.services.database.write() as session:
        key = create_key(session, ensure_first_workspace(session).id)[0]
    made = subprocess.run(
        ["sh", "-c", command.replace("{workspace}", "my-workspace")],
        env={"EPOCHAL_API_KEY": key, "PATH": "/usr/bin:/bin", "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert '"slug"' in made.stdout, made
    page.get_by_label("Search").fill("unicorn")
    expect(page.get_by_text("No route has all these words.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
    page.close()


def test_every_route__can_be_opened(server: ServerThread, open_page: Callable[..., Page]) -> None:
    page = open_page(signed_in(server, "/api"))
    page.get_by_label("Search").fill("api")
    routes = page.get_by_test_id("route")
    count = routes.count()
    assert count == sum(map(len, server.app.openapi()["paths"].values())) - 2, "all but /health and /metrics"
    page.evaluate("document.querySelectorAll('[data-testid=route]').forEach(it => it.open = true)")
    expect(page.get_by_role("heading", name="Example")).to_have_count(count)
    page.close()
