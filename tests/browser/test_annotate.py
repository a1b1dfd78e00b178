"""Boxes drawn by hand in a real browser. Run: pytest -m browser tests/browser/test_annotate.py."""

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.projects import ServedProject, add_project
from browser.signing_in import signed_in
from epochal.server.serving import ServerThread

pytestmark = pytest.mark.browser


@pytest.fixture
def project(server: ServerThread) -> Iterator[ServedProject]:
    """Five images of 90 × 70, the newest unlabelled, each other one with a wombat."""
    made = add_project(server, f"Drawn {time.time_ns()}")
    yield made
    made.client.close()


def _ids(project: ServedProject) -> list[str]:
    return [one["id"] for one in project.client.get(f"{project.url}/images").json()["images"]]


def _open(
    server: ServerThread, project: ServedProject, image: str, open_page: Callable[..., Page], **how: object
) -> Page:
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/annotate/{image}"), **how)
    expect(page.get_by_test_id("stage")).to_be_visible()
    return page


def _labels(project: ServedProject, image: str) -> list[tuple[str, list[float], bool]]:
    told = project.client.get(f"{project.url}/images/{image}/annotations").json()["boxes"]
    return [(one["class_name"], one["box_xyxy"], one["is_draft"]) for one in told]


def _place(stage: Locator, x: float, y: float) -> tuple[float, float]:
    """Where a point of the picture is on the page."""
    at = stage.locator("image").bounding_box()
    assert at is not None
    return at["x"] + x * at["width"] / 90, at["y"] + y * at["height"] / 70


def _drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    stage = page.get_by_test_id("stage")
    page.mouse.move(*_place(stage, *start))
    page.mouse.down()
    page.mouse.move(*_place(stage, (start[0] + end[0]) / 2, end[1]))
    page.mouse.move(*_place(stage, *end))
    page.mouse.up()


def _expect_saved(page: Page) -> None:
    expect(page.get_by_test_id("saved")).to_have_text("All changes are saved")


def test_a_box__is_drawn_saved_seen_again_and_in_an_export(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/images"))
    page.get_by_role("button", name="animal-4.png, not labelled").click()
    page.get_by_role("link", name="Edit boxes").click()
    expect(page.get_by_text("Nobody has labelled this image.")).to_be_visible()
    page.get_by_label("Name of a class").fill("koala bear")
    page.keyboard.press("Enter")
    _drag(page, (70, 55), (20, 10))
    expect(page.get_by_test_id("listed")).to_contain_text("1. koala bear")
    _expect_saved(page)
    page.reload()
    expect(page.get_by_test_id("box")).to_have_count(1)
    expect(page.get_by_test_id("listed")).to_contain_text("koala bear")
    ((name, corners, is_draft),) = _labels(project, _ids(project)[0])
    assert (name, is_draft) == ("koala bear", False)
    assert corners == pytest.approx([20, 10, 70, 55], abs=1)

    number = project.client.post(f"{project.url}/versions", json={"settings": {}}).json()["number"]
    version = f"{project.url}/versions/{number}"
    while project.client.get(version).json()["state"] != "ready":
        time.sleep(0.05)
    while project.client.post(f"{version}/exports", json={"format": "voc"}).json()["state"] != "ready":
        time.sleep(0.05)
    with zipfile.ZipFile(io.BytesIO(project.client.get(f"{version}/exports/voc").content)) as archive:
        (text,) = [
            archive.read(one).decode() for one in archive.namelist() if "animal-4" in one and one.endswith("xml")
        ]
    assert "<name>koala bear</name>" in text
    page.close()


def test_a_box__is_moved_resized_named_removed_and_all_of_it_undone(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    image = _ids(project)[1]
    page = _open(server, project, image, open_page)
    stage = page.get_by_test_id("stage")
    page.mouse.click(*_place(stage, 30, 30))
    expect(page.get_by_test_id("listed")).to_have_attribute("data-chosen", "true")
    _drag(page, (30, 30), (40, 35))
    _drag(page, (70, 55), (80, 65))
    _expect_saved(page)
    assert _labels(project, image)[0][1] == pytest.approx([15, 10, 80, 65], abs=1)
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    _expect_saved(page)
    assert _labels(project, image)[0][1][0] == pytest.approx(0, abs=1)
    page.get_by_label("Name of a class").fill("koala")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Width").fill("30")
    _expect_saved(page)
    assert [(name, box[2] - box[0]) for name, box, _ in _labels(project, image)] == [
        ("koala", pytest.approx(30, abs=0.1))
    ]
    page.get_by_role("button", name="1. koala").click()  # the keys are the page's again
    page.get_by_role("button", name="1. koala").click()
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("box")).to_have_count(0)
    for _ in range(6):
        page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    _expect_saved(page)
    ((name, corners, _),) = _labels(project, image)
    assert (name, corners) == ("wombat", [5, 5, 60, 50])
    page.close()


def test_keys__go_on_choose_classes_and_copy_boxes(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    ids = _ids(project)
    both = [{"class_name": name, "box_xyxy": [5, 5, 60, 50]} for name in ("wombat", "emu")]
    project.client.put(f"{project.url}/images/{ids[1]}/annotations", json={"boxes": both}).raise_for_status()
    page = _open(server, project, ids[1], open_page)
    expect(page.get_by_text("animal-3.png").first).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("d")
    expect(page.get_by_text("animal-2.png").first).to_be_visible()
    _drag(page, (65, 5), (88, 30))
    page.keyboard.press("d")  # at once: what was drawn is saved on the way
    expect(page.get_by_text("animal-1.png").first).to_be_visible()
    assert [name for name, _, _ in _labels(project, ids[2])] == ["wombat", "emu"]
    for key, name in (("a", 2), ("PageUp", 3), ("ArrowLeft", 4)):
        page.keyboard.press(key)
        expect(page.get_by_text(f"animal-{name}.png").first).to_be_visible()
    expect(page.get_by_role("button", name="Copy boxes")).to_be_disabled()
    for key, name in (("d", 3), ("ArrowRight", 2)):
        page.keyboard.press(key)
        expect(page.get_by_text(f"animal-{name}.png").first).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_test_id("box")).to_have_count(4)
    page.keyboard.press("n")
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("box")).to_have_count(3)
    _expect_saved(page)
    assert [name for name, _, _ in _labels(project, ids[2])] == ["emu", "wombat", "emu"]
    page.close()


def test_class_keys__change_the_box_that_the_page_says(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    ids = _ids(project)
    emu = [{"class_name": "emu", "box_xyxy": [5, 5, 60, 50]}]
    project.client.put(f"{project.url}/images/{ids[2]}/annotations", json={"boxes": emu}).raise_for_status()
    page = _open(server, project, ids[1], open_page)
    hint, boxes = page.get_by_test_id("class-hint"), page.get_by_test_id("listed")
    expect(hint).to_have_text("Next box: wombat. Keys 1–2 choose another class for it.")
    _drag(page, (65, 5), (88, 25))
    expect(hint).to_have_text("Box 2: wombat. Keys 1–2 rename it and set the next; Esc first: the next alone.")
    page.keyboard.press("2")
    expect(boxes.nth(1)).to_contain_text("2. emu")
    page.keyboard.press("Control+z")
    expect(boxes.nth(1)).to_contain_text("2. wombat")
    expect(hint).to_contain_text("Next box: emu.")
    _drag(page, (65, 30), (88, 45))
    expect(boxes.nth(2)).to_contain_text("3. emu")
    page.keyboard.press("Escape")
    page.keyboard.press("1")  # none is chosen: the next alone
    expect(boxes.nth(2)).to_contain_text("3. emu")
    expect(page.get_by_role("heading", name="Class of the next box")).to_be_visible()
    boxes.nth(0).get_by_role("button", name="1. wombat").click()
    expect(page.get_by_role("heading", name="Class of box 1")).to_be_visible()
    expect(hint).to_have_text("Box 1: wombat. Keys 1–2 rename it; Esc lets go of it.")
    page.keyboard.press("2")  # an old box is mended: what comes next stays
    expect(boxes.nth(0)).to_contain_text("1. emu")
    expect(page.get_by_role("button", name="emu 2")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(hint).to_contain_text("Next box: wombat.")
    _expect_saved(page)
    assert [name for name, _, _ in _labels(project, ids[1])] == ["emu", "wombat", "emu"]
    page.close()


def test_drafts__are_taken_one_by_one_or_all(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    image = _ids(project)[0]
    labels = f"{project.url}/images/{image}/annotations"
    draft = {"class_name": "wombat", "confidence": 0.8, "is_draft": True}
    boxes = [{**draft, "box_xyxy": [x, 5, x + 20, 40]} for x in (5, 30, 55)]
    project.client.put(labels, json={"boxes": boxes}).raise_for_status()
    page = _open(server, project, image, open_page)
    expect(page.get_by_text("3 drafts of a model")).to_be_visible()
    page.get_by_role("button", name="Take box 2").click()
    expect(page.get_by_text("2 drafts of a model")).to_be_visible()
    page.get_by_role("button", name="Remove box 1").click()
    _expect_saved(page)
    assert [is_draft for _, _, is_draft in _labels(project, image)] == [False, True]
    assert project.client.get(labels).json()["is_labelled"] is False
    page.get_by_role("button", name="Take all").click()
    expect(page.get_by_text("This image counts as labelled.")).to_be_visible()
    _expect_saved(page)
    assert project.client.get(labels).json()["is_labelled"] is True
    page.close()


def _disagree(server: ServerThread, project: ServedProject, open_page: Callable[..., Page]) -> tuple[Page, str]:
    """A page whose box meets labels that somebody else has changed meanwhile, and its image."""
    image = _ids(project)[1]
    page = _open(server, project, image, open_page, may_complain=True)  # of the 409
    theirs = {"boxes": [{"class_name": "emu", "box_xyxy": [1, 1, 9, 9]}]}
    project.client.put(f"{project.url}/images/{image}/annotations", json=theirs).raise_for_status()
    _drag(page, (65, 5), (88, 30))
    expect(page.get_by_text("Somebody else has changed the labels")).to_be_visible()
    return page, image


def test_a_long_list__shows_the_row_of_a_box_that_is_drawn(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    image = _ids(project)[0]
    page = _open(server, project, image, open_page)
    page.get_by_label("Name of a class").fill("koala")
    page.keyboard.press("Enter")
    for _ in range(25):
        page.get_by_role("button", name="Add a box in the middle").click()
    page.keyboard.press("Escape")
    page.get_by_test_id("listed").first.scroll_into_view_if_needed()
    _drag(page, (5, 5), (20, 20))
    row = page.get_by_test_id("listed").filter(has_text="26. koala")
    expect(row).to_have_attribute("data-chosen", "true")
    expect(row).to_be_in_viewport()
    page.close()


def test_two_people__are_asked_whose_labels_count(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    page, image = _disagree(server, project, open_page)
    assert [name for name, _, _ in _labels(project, image)] == ["emu"], "nothing of theirs is lost"
    page.get_by_role("button", name="Show theirs").click()
    expect(page.get_by_test_id("listed")).to_have_count(1)
    expect(page.get_by_test_id("listed")).to_contain_text("emu")
    project.client.put(f"{project.url}/images/{image}/annotations", json={"boxes": []}).raise_for_status()
    _drag(page, (65, 5), (88, 30))
    page.get_by_role("button", name="Put mine in their place").click()
    _expect_saved(page)
    assert len(_labels(project, image)) == 2
    page.reload()
    expect(page.get_by_test_id("listed")).to_have_count(2)
    expect(page.get_by_text("were not saved")).to_have_count(0)  # what was dropped or saved is offered no more
    page.close()


def test_leaving_a_conflict__keeps_mine_and_offers_it_again(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    page, image = _disagree(server, project, open_page)
    _drag(page, (65, 40), (88, 60))  # what is drawn while the question stands counts too
    page.get_by_role("link", name="← Images of").click()
    told = page.get_by_text("Boxes that you drew here were not saved")
    expect(told).to_be_visible()
    page.reload()
    expect(told).to_be_visible()
    page.get_by_role("link", name="animal-3.png").click()
    expect(page.get_by_text("Changes to this image were not saved")).to_be_visible()
    expect(page.get_by_test_id("listed")).to_have_count(1)  # theirs
    page.get_by_role("button", name="Use them").click()
    expect(page.get_by_test_id("listed")).to_have_count(3)
    _expect_saved(page)
    assert [name for name, _, _ in _labels(project, image)] == ["wombat"] * 3
    page.keyboard.press("Control+z")
    _expect_saved(page)
    assert [name for name, _, _ in _labels(project, image)] == ["emu"]
    page.get_by_role("link", name="← Images of").click()
    expect(page.get_by_text("animal-3.png")).to_be_visible()
    expect(told).to_have_count(0)
    page.close()


def test_nothing_on_an_image__is_said_and_kept(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page]
) -> None:
    image = _ids(project)[0]
    page = _open(server, project, image, open_page)
    page.get_by_role("button", name="Nothing is on this image").click()
    _expect_saved(page)
    assert project.client.get(f"{project.url}/images/{image}").json()["is_labelled"] is True
    page.get_by_role("button", name="Undo").click()
    _expect_saved(page)
    assert project.client.get(f"{project.url}/images/{image}").json()["is_labelled"] is False
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone__draws_with_a_finger(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page], scheme: str, tmp_path: Path
) -> None:
    image = _ids(project)[0]
    page = _open(server, project, image, open_page, width=390, scheme=scheme)
    stage = page.get_by_test_id("stage")
    stage.scroll_into_view_if_needed()
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(_place(stage, *point) for point in points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    touch("touchStart", (20, 20))
    touch("touchMove", (40, 40))
    touch("touchMove", (60, 50))
    touch("touchEnd")
    expect(page.get_by_test_id("box")).to_have_count(1)
    _expect_saved(page)
    assert _labels(project, image)[0][1] == pytest.approx([20, 20, 60, 50], abs=1)
    before = stage.locator("image").bounding_box()
    touch("touchStart", (30, 30), (50, 30))
    touch("touchMove", (20, 30), (60, 30))
    touch("touchEnd")
    after = stage.locator("image").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > 1.5 * before["width"], "two fingers zoom"
    expect(page.get_by_test_id("box")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out"
    page.close()
