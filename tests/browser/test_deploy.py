"""Deploy and label assist in a real browser. Run: pytest -m browser tests/browser/test_deploy.py."""

import base64
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.projects import ServedProject
from browser.signing_in import signed_in
from epochal.server.serving import ServerThread
from server.at_work import picture

pytestmark = pytest.mark.browser


def test_model__is_tried_on_images_of_the_dataset(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/deploy"))
    page.get_by_role("button", name="A random image of the dataset").click()
    expect(page.get_by_test_id("count")).to_contain_text("box")
    page.get_by_role("button", name="Choose one of the dataset").click()
    expect(page.get_by_text("5 images")).to_be_visible()
    page.get_by_label("Search").fill("split:test class:wombat")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("1 image", exact=True)).to_be_visible()
    page.get_by_role("button", name="animal-3.png").click()
    expect(page.locator("p", has_text="animal-3.png")).to_be_visible()
    page.get_by_label("Search").fill("tag:absent")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("No image fits.")).to_be_visible()
    page.close()


def test_form_of_a_model__is_made_while_the_page_tells_of_it(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/deploy"))
    page.get_by_role("button", name="Make a zip that runs by itself").click()
    expect(page.get_by_role("button", name="… ")).to_be_disabled()
    expect(page.get_by_role("link", name="runtime.zip")).to_be_visible()
    expect(page.get_by_role("button", name="Make a zip that runs by itself")).to_have_count(0)
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_rules__are_made_by_a_newcomer_and_keep_images(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page], width: int, scheme: str
) -> None:
    rules = project.client.put(f"{project.url}/active-learning", json={"config": {}}).raise_for_status().json()
    kept = rules["kept"].get("random-1", {}).get("daily", 0)
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/deploy"), width=width, scheme=scheme)
    page.get_by_role("button", name="+ A random share").click()  # the first rule switches keeping on
    expect(page.get_by_role("button", name="Keep images")).to_have_attribute("aria-pressed", "true")
    rule = page.get_by_role("group", name="A random share")
    expect(rule).to_contain_text("Keeps a share of everything")
    rule.get_by_label("Of those that fit, %").fill("100")
    rule.get_by_label("At most an hour").fill("50")
    rule.get_by_label("Tags, by commas").fill("camera 3, night")
    keeping = page.get_by_role("group", name="How they are kept")
    keeping.get_by_label("Batches are called").fill(f"street {width}")
    keeping.get_by_label("A new batch").select_option("monthly")
    expect(keeping).to_contain_text(f"street {width}_20")
    keeping.get_by_label("Images in a batch at most").fill("200")
    keeping.get_by_label("width px").fill("64")
    page.get_by_role("button", name="Save rules").click()  # a width alone is refused by the form itself
    expect(page.get_by_text("Saved.")).to_have_count(0)
    keeping.get_by_label("Height px").fill("64")
    page.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    config = project.client.get(f"{project.url}/active-learning").json()["config"]
    assert config["batching_strategy"] == {
        "batches_name_prefix": f"street {width}", "recreation_interval": "monthly", "max_batch_images": 200,
    }  # fmt: skip
    assert config["max_image_size"] == [64, 64]
    assert config["sampling_strategies"][0]["tags"] == ["camera 3", "night"]
    assert {"type": "hourly", "value": 50} in config["sampling_strategies"][0]["limits"]
    sent = {"images": [{"base64": base64.b64encode(picture(1000 + width)).decode()}]}
    project.client.post(f"/api/workspaces/my-workspace/models/{project.model}/infer", json=sent).raise_for_status()
    expect(page.get_by_test_id("kept")).to_contain_text(f"{kept + 1} today", timeout=20_000)
    batches = project.client.get(f"{project.url}/batches").json()["batches"]
    assert any(one["name"].startswith(f"street {width}_") and one["images"] == 1 for one in batches)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
    page.close()


def test_label_assist__proposes_drafts_that_are_taken(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    batch = next(one for one in project.client.get(f"{project.url}/batches").json()["batches"] if "park" in one["name"])
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/assist"))
    page.get_by_role("region", name="Label assist").get_by_role("combobox").nth(1).select_option(batch["id"])
    page.get_by_label("Confidence at least, %").first.fill("5")
    first, *others = project.client.get(f"/api/workspaces/my-workspace/models/{project.model}").json()["classes"]
    page.get_by_label(f"What {first} becomes").select_option("wombat")
    for name in others:
        page.get_by_label(f"What {name} becomes").select_option("nothing: leave it out")
    page.get_by_role("button", name="Propose boxes on 1 images").click()
    row = page.get_by_test_id("assist").first
    expect(row).to_contain_text("finished", timeout=15_000)
    waiting = project.client.get(f"{project.url}/images", params={"batch": batch["id"], "is_labelled": False}).json()
    image = waiting["images"][0]
    boxes = project.client.get(f"{project.url}/images/{image['id']}/annotations").json()["boxes"]
    assert boxes
    assert {one["class_name"] for one in boxes} == {"wombat"}
    assert all(one["is_draft"] for one in boxes)
    page.locator("label", has_text="Drafts of").get_by_role("combobox").select_option(batch["id"])
    page.get_by_label("Sure from, %").fill("0")
    page.get_by_role("button", name="Take them").click()
    expect(page.get_by_text(f"{len(boxes)} taken, 0 refused, on 1 images.")).to_be_visible()
    taken = project.client.get(f"{project.url}/images/{image['id']}").json()
    assert (taken["is_labelled"], taken["in_dataset"], taken["drafts"]) == (True, True, 0)
    page.close()
