"""Trainings of a version in a real browser, with real workers. Run: pytest -m browser tests/browser."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from epochal.jobs.data_folder import DataFolder
from epochal.server.owner import let_owner_in, sign_in_page
from epochal.server.services import open_database
from training_platform import TrainingPlatform

pytestmark = pytest.mark.browser
TRAIN = "/w/my-workspace/projects/shapes/versions/1/train"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, shapes: Path) -> Iterator[TrainingPlatform]:
    made = TrainingPlatform(tmp_path_factory.mktemp("platform") / "data", shapes)
    (made.data_dir / "checkpoints").mkdir()
    (made.data_dir / "checkpoints" / "public.pt").write_bytes(b"only its name is looked at")
    yield made.start()
    made.stop()


def sign_in(platform: TrainingPlatform, path: str) -> str:
    database = open_database(DataFolder(platform.data_dir))
    _, token = let_owner_in(database)
    database.close()
    return sign_in_page(platform.address, token, then=path)


def test_training__is_ordered_queued_cancelled_followed_and_stopped(
    platform: TrainingPlatform, open_page: Callable[..., Page]
) -> None:
    page = open_page(sign_in(platform, TRAIN))
    form = page.get_by_role("region", name="New training")
    expect(form.get_by_role("combobox").nth(1)).to_contain_text("public.pt")
    form.get_by_text("More: name, limits").click()
    form.get_by_label("Epochs").fill("3000")
    form.get_by_label("Image size").fill("64")
    form.get_by_label("Name").fill("Long one")
    form.get_by_label("At most, hours").fill("2")
    form.get_by_label("warmup").fill("0.7")
    form.get_by_text("How images are varied: as derived").click()
    form.get_by_role("button", name="Choose each").click()
    expect(form.get_by_role("group", name="Mosaic").get_by_label("How often, %")).to_have_value("50")
    assert form.locator("fieldset legend").all_text_contents() == ["Mosaic", "Size", "Mirror", "Colour and light"]
    form.get_by_role("group", name="Mirror").get_by_role("checkbox").uncheck()
    form.get_by_label("Hue by up to").fill("3")
    form.get_by_role("button", name="Start training").click()
    expect(page.get_by_test_id("training")).to_have_count(0)  # out of bounds: the form itself refuses
    form.get_by_label("warmup").fill("0.1")
    form.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("Long one is in the queue").or_(page.get_by_text("Long one has begun"))).to_be_visible()
    expect(page.get_by_text("Long one has begun")).to_be_visible(timeout=60_000)  # the notice goes on with the queue
    expect(page.get_by_role("link", name="Projects", exact=True)).to_have_attribute("aria-current", "true")
    expect(page.get_by_text("How images are varied: chosen by hand")).to_be_visible()
    form.get_by_label("Name").fill("Waits")
    form.get_by_role("button", name="Start training").click()
    waits = page.get_by_test_id("training").filter(has_text="Waits")
    long_one = page.get_by_test_id("training").filter(has_text="Long one")
    expect(long_one.get_by_test_id("state")).to_have_text("Running", timeout=60_000)
    recipes = [json.loads(path.read_text()) for path in (platform.data_dir / "runs").glob("*/recipe.json")]
    (recipe,) = [one["recipe"] for one in recipes if one["name"] == "Long one"]
    assert [recipe[name] for name in ("flip", "hue", "mosaic")] == [0, 0.03, 0.5]
    expect(waits.get_by_test_id("state")).to_have_text("Queued")
    expect(waits).to_contain_text("next in the queue")
    page.goto(f"{platform.address}/#/")
    queue = page.get_by_role("region", name="Queue")
    expect(queue.get_by_test_id("training")).to_have_count(1)
    queue.get_by_role("button", name="Cancel").click()
    expect(queue).to_have_count(0)
    page.get_by_test_id("run").filter(has_text="Long one").click()
    page.get_by_role("button", name="Show what it prints").click()
    expect(page.get_by_test_id("log")).to_contain_text(re.compile(r"\n.* 2/3000 "), timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("state")).to_have_text("Stopped")
    page.get_by_role("link", name="Try its model").click()
    expect(page.get_by_role("combobox", name=re.compile("^Model")).locator("option:checked")).to_contain_text(
        "Long one"
    )
    page.go_back()
    page.get_by_role("link", name="shapes, version 1").click()
    page.goto(f"{platform.address}/#{TRAIN}")
    expect(long_one.get_by_test_id("state")).to_have_text("Stopped")
    expect(waits.get_by_test_id("state")).to_have_text("Cancelled")
    expect(form.get_by_role("combobox").nth(1)).to_contain_text("Long one, mAP")
    waits.get_by_role("button", name="Trash").click()
    expect(waits).to_have_count(0)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_train_page__fits_a_phone(platform: TrainingPlatform, open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page(sign_in(platform, TRAIN), width=390, scheme=scheme)
    page.get_by_text("More: name, limits").click()
    expect(page.get_by_label("clip_norm")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out"
    page.close()
