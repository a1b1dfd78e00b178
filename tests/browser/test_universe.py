"""Public projects in a real browser: made public, seen, tried, cloned. Run: pytest -m browser tests/browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.projects import ServedProject, add_project
from browser.signing_in import signed_in
from epochal.jobs.models import NewModel, add_model, find_model
from epochal.jobs.tables import TrainingRow
from epochal.server.serving import ServerThread
from epochal.workspaces.workspaces import ensure_first_workspace
from server.test_run_owners import write_run

pytestmark = pytest.mark.browser


@pytest.fixture
def public(project: ServedProject) -> ServedProject:
    change = {"is_public": True, "license": "CC BY 4.0", "description": "Seen in a park."}
    project.client.patch(project.url, json=change).raise_for_status()
    return project


def test_settings__make_a_project_public_and_ask_for_a_licence(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    project.client.patch(project.url, json={"is_public": False, "license": "Private"}).raise_for_status()
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/settings"))
    page.get_by_label("Public:").check()
    expect(page.get_by_text("A public project without a licence")).to_be_visible()
    page.get_by_label("Licence").fill("CC BY 4.0")
    expect(page.get_by_text("A public project without a licence")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    told = project.client.get(project.url).json()
    assert (told["is_public"], told["license"]) == (True, "CC BY 4.0")
    page.get_by_role("link", name="See its public page").click()
    expect(page.get_by_role("heading", name="Animals")).to_be_visible()
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_public_project__is_found_seen_tried_and_cloned(
    server: ServerThread, public: ServedProject, open_page: Callable[..., Page], width: int, scheme: str
) -> None:
    page = open_page(signed_in(server, "/universe"), width=width, scheme=scheme)
    page.get_by_label("Search").fill("unicorn")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("No public project fits")).to_be_visible()
    page.get_by_label("Search").fill("wombat park")
    page.get_by_role("button", name="Find").click()
    page.get_by_test_id("public-project").filter(has_text="CC BY 4.0").first.click()
    page.get_by_role("button", name="animal-0.png").click()
    expect(page.get_by_alt_text("animal-0.png with its boxes")).to_be_visible()
    assert page.get_by_alt_text("animal-0.png with its boxes").evaluate("it => it.decode().then(() => it.naturalWidth)")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_alt_text("animal-1.png with its boxes")).to_be_visible()
    page.get_by_role("link", name="Training graph").click()
    expect(page.get_by_text("There is no training graph")).to_be_visible()
    page.get_by_role("link", name="Try a model").click()
    page.get_by_role("button", name="A random image of the dataset").click()
    expect(page.get_by_test_id("count")).to_contain_text("box")
    page.get_by_role("button", name="Choose one of the dataset").click()
    page.get_by_role("button", name="animal-3.png").click()
    expect(page.locator("p", has_text="animal-3.png")).to_be_visible()
    page.get_by_role("link", name="Clone", exact=True).click()
    name = f"Mine {width}"
    page.get_by_label("Name of the clone").fill(name)
    page.get_by_role("button", name="Clone", exact=True).click()
    page.get_by_role("link", name="Open the clone").click()
    expect(page.get_by_role("button", name="animal-0.png")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("link", name="Settings")).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_text(f"Cloned from my-workspace/{public.slug}, which stood under CC BY 4.0")).to_be_visible()
    expect(page.get_by_label("Licence")).to_have_value("CC BY 4.0")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
    page.close()


def test_versions__say_what_they_are_and_show_the_graph_of_their_best_model(
    server: ServerThread, public: ServedProject, open_page: Callable[..., Page]
) -> None:
    services = server.app.state.services
    with services.database.write() as session:
        model = find_model(session, ensure_first_workspace(session).id, public.model)
        of = {"workspace_id": model.workspace_id, "project_id": model.project_id, "version_id": model.version_id}
        training = TrainingRow(
            id="public-run", **of, name="Public run", state="finished", model_type="fast-n", request={}, limits={},
            created_by="key:x", queued_at=1.0, attempt=1,
        )  # fmt: skip
        session.add(training)
        session.flush()
        known = {"mAP_0.5:0.95": 0.777}
        best = NewModel(
            "Learned here", "learned-here", "fast-n", model.files, classes=model.classes, training_id=training.id,
            project_id=model.project_id, version_id=model.version_id, metrics=known,
        )  # fmt: skip
        add_model(session, model.workspace_id, best)
    write_run(services.data.runs_folder / "public-run")
    page = open_page(signed_in(server, f"/universe/my-workspace/{public.slug}"), width=390)
    page.get_by_role("link", name="Versions").click()
    version = page.get_by_test_id("public-version")
    expect(version).to_contain_text("The images are as they were uploaded.")
    expect(version).to_contain_text("mAP_0.5:0.95 0.777, of 2 models")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out"
    version.get_by_role("link", name="Its training graph").click()
    expect(page.get_by_text("Of the model Learned here.")).to_be_visible()
    page.close()


def test_featured__is_set_by_the_owner_and_shown(
    server: ServerThread, public: ServedProject, open_page: Callable[..., Page]
) -> None:
    page = open_page(signed_in(server, f"/universe/my-workspace/{public.slug}"))
    page.get_by_role("button", name="Feature it").click()
    expect(page.get_by_role("button", name="Featured")).to_be_visible()
    page.get_by_role("link", name="← Universe").click()
    page.get_by_role("button", name="Featured").click()
    expect(page.get_by_test_id("public-project")).to_have_count(1)
    expect(page.get_by_test_id("public-project")).to_contain_text("featured")
    page.close()


def test_project__goes_into_the_trash_and_comes_out(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    project.client.post("/api/workspaces/my-workspace/projects", json={"name": "A mistake"}).raise_for_status()
    page = open_page(signed_in(server, "/w/my-workspace/projects/a-mistake/settings"))
    page.get_by_role("button", name="Move to the trash").click()
    page.get_by_role("button", name="Yes, move A mistake to the trash").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    expect(page.get_by_test_id("project").filter(has_text="A mistake")).to_have_count(0)
    page.get_by_role("link", name="In the trash: 1").click()
    expect(page.get_by_test_id("trashed")).to_contain_text("gone for good on")
    page.get_by_role("button", name="Take A mistake out of the trash").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    page.get_by_role("link", name="All projects").click()
    expect(page.get_by_test_id("project").filter(has_text="A mistake")).to_have_count(1)
    page.close()


def test_images__go_into_the_trash_and_come_out_together(server: ServerThread, open_page: Callable[..., Page]) -> None:
    project = add_project(server, "Thrown away")
    ids = [one["id"] for one in project.client.get(f"{project.url}/images").json()["images"]]
    project.client.post(f"{project.url}/images/delete", json={"ids": ids[:3]}).raise_for_status()
    page = open_page(signed_in(server, "/w/my-workspace/trash"), width=390, scheme="dark")
    page.get_by_role("button", name="Images 3").click()
    expect(page.get_by_test_id("trashed")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out"
    page.get_by_role("button", name="Take animal-4.png out of the trash").click()
    expect(page.get_by_test_id("trashed")).to_have_count(2)
    page.get_by_role("button", name="Take out all 2 that are shown").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert project.client.get(f"{project.url}/images").json()["total"] == len(ids)
    project.client.close()
    page.close()
