"""Signing in, people, keys and credits in a real browser. Run: pytest -m browser tests/browser/test_access.py."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from browser.projects import add_project
from browser.signing_in import signed_in
from epochal.server.app import create_app
from epochal.server.owner import sign_in_page
from epochal.server.serving import ServerThread, bind
from epochal.workspaces.keys import create_key
from epochal.workspaces.members import invite
from epochal.workspaces.workspaces import ensure_first_workspace

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerThread]:
    with ServerThread(create_app(tmp_path / "data"), bind("127.0.0.1", 0)) as it:
        yield it


def test_stranger__is_shown_how_to_sign_in_and_a_link_works_once(
    server: ServerThread, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{server.address}/", may_complain=True)  # the browser itself reports the 401
    expect(page.get_by_role("heading", name="Sign in to Epochal")).to_be_visible()
    page.get_by_label("E-mail address").fill("owner@localhost")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    once = signed_in(server, "/account")
    signed = open_page(once)
    expect(signed.get_by_role("heading", name="Account")).to_be_visible()
    assert "token" not in signed.url
    again = open_page(once, may_complain=True)
    expect(again.get_by_role("alert")).to_contain_text("was used")
    for one in (page, signed, again):
        one.close()


def test_link__put_into_the_open_sign_in_page_signs_in(server: ServerThread, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server.address}/", may_complain=True)  # the browser itself reports the 401
    expect(page.get_by_role("heading", name="Sign in to Epochal")).to_be_visible()
    once = signed_in(server, "/account")
    page.goto(once)  # only what is behind the # changes: the page stays
    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    assert "token" not in page.url
    page.goto(once)
    expect(page.get_by_role("heading", name="Account")).to_be_visible()


def make_admin_key(server: ServerThread) -> str:
    with server.app.state.services.database.write() as session:
        return create_key(session, ensure_first_workspace(session).id, name="admin", scopes=["admin"])[0]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_owner__grants_invites_and_makes_a_key(
    server: ServerThread, open_page: Callable[..., Page], width: int, scheme: str
) -> None:
    page = open_page(signed_in(server), width=width, scheme=scheme)
    page.get_by_role("link", name="My workspace").click()
    expect(page.get_by_test_id("credits")).to_have_text("3")
    page.get_by_role("button", name="Grant 10 more").click()
    expect(page.get_by_test_id("credits")).to_have_text("13")
    page.get_by_label("Invite").fill("ada@example.org")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_test_id("member")).to_have_count(2)
    invitation = page.get_by_test_id("secret").inner_text()
    assert invitation.startswith(f"{server.address}/#/sign-in?token=")
    page.get_by_label("New key").fill("<img src=x onerror=alert(1)>")
    page.get_by_label("Ends").select_option("after 90 days")
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_label("New key")).to_have_value("")  # so that another Enter does not make it twice
    expect(page.get_by_test_id("key")).to_contain_text("<img src=x")
    key = page.get_by_test_id("secret").last.inner_text()
    told = httpx.get(f"{server.address}/api/me", headers={"Authorization": f"Bearer {key}"}, trust_env=False).json()
    assert told["workspaces"][0]["slug"] == "my-workspace"
    listed = httpx.get(
        f"{server.address}/api/workspaces/my-workspace/keys",
        headers={"Authorization": f"Bearer {make_admin_key(server)}"},
        trust_env=False,
    ).json()["keys"]
    (made,) = [one for one in listed if one["name"].startswith("<img")]
    assert 89 < (made["expires_at"] - made["created_at"]) / 86400 < 91
    page.get_by_role("button", name="Show the secret").click()
    secret = page.get_by_test_id("secret").last.inner_text()
    page.get_by_role("button", name="Make another").click()
    expect(page.get_by_test_id("secret").last).not_to_have_text(secret)
    page.get_by_role("button", name="Show it", exact=True).click()
    expect(page.get_by_test_id("audit").filter(has_text="credits grant")).to_have_count(1)
    width_now = page.evaluate("document.documentElement.scrollWidth")
    assert width_now <= width, "nothing sticks out"
    page.get_by_role("button", name="Revoke <img").click()
    expect(page.get_by_test_id("key").filter(has_text="<img")).to_have_count(0)
    page.close()
    ada = open_page(invitation)
    ada.get_by_role("link", name="My workspace").click()
    expect(ada.get_by_test_id("credits")).to_have_text("13")
    expect(ada.get_by_role("button", name="Grant")).to_have_count(0)
    expect(ada.get_by_role("region", name="API keys")).to_have_count(0)
    ada.close()


def test_account__gets_a_password_and_another_workspace(server: ServerThread, open_page: Callable[..., Page]) -> None:
    page = open_page(signed_in(server, "/account"), may_complain=True)
    page.get_by_label("New password").fill("correct horse")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("The password is set")).to_be_visible()
    page.get_by_label("Name of the new workspace").fill("Blood cells")
    page.get_by_role("button", name="Make the workspace").click()
    expect(page.get_by_role("heading", name="Blood cells")).to_be_visible()
    page.get_by_label("Workspace", exact=True).select_option("my-workspace")
    expect(page.get_by_role("heading", name="My workspace")).to_be_visible()
    page.get_by_role("link", name="Account").click()
    with page.expect_event("load"):  # the page begins anew, and what was typed before is lost
        page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill("owner@localhost")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    page.close()


def test_viewer__is_offered_nothing_that_the_server_would_refuse(
    server: ServerThread, open_page: Callable[..., Page]
) -> None:
    project = add_project(server, "Looked at")
    with server.app.state.services.database.write() as session:
        workspace = ensure_first_workspace(session).id
        _, token = invite(session, workspace, "vera@example.org", "viewer")
    assert token is not None
    at = f"/w/my-workspace/projects/{project.slug}"
    page = open_page(sign_in_page(server.address, token, then=f"{at}/images"))
    expect(page.get_by_role("button", name="animal-4.png, not labelled")).to_be_visible()
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
    expect(page.get_by_text("Drop photos")).to_have_count(0)
    page.get_by_role("button", name="animal-4.png, not labelled").click()
    expect(page.get_by_role("button", name="Close")).to_be_visible()
    for name in ("Edit boxes", "Trash", "Draw boxes on these images"):
        expect(page.get_by_text(name, exact=True)).to_have_count(0)
    for rest in ("settings", "assist", "versions/new", "versions/1/train"):
        page.goto(f"{server.address}/#{at}/{rest}")
        expect(page.get_by_text("You are a viewer of this workspace")).to_be_visible()
    page.goto(f"{server.address}/#/w/my-workspace/projects")
    expect(page.get_by_test_id("project")).to_have_count(1)
    expect(page.get_by_role("button", name="New project")).to_have_count(0)
    project.client.close()
    page.close()


def test_bar__on_a_phone_cuts_no_word_when_there_are_several_workspaces(
    server: ServerThread, open_page: Callable[..., Page]
) -> None:
    page = open_page(signed_in(server, "/account"), width=390)
    page.get_by_label("Name of the new workspace").fill("Second lab")
    page.get_by_role("button", name="Make the workspace").click()
    expect(page.get_by_role("combobox", name="Workspace")).to_be_visible()
    cut = "links => links.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
    assert page.locator("nav a").evaluate_all(cut) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
