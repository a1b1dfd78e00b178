"""Images and annotation files dropped side by side. Run: pytest -m browser tests/browser/test_uploads.py."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.projects import add_project
from browser.signing_in import signed_in
from epochal.server.serving import ServerThread
from server.at_work import picture

pytestmark = pytest.mark.browser

VOC = """<annotation><filename>{name}</filename><size><width>90</width><height>70</height><depth>3</depth></size>
<object><name>wombat</name><bndbox><xmin>11</xmin><ymin>11</ymin><xmax>40</xmax><ymax>50</ymax></bndbox></object>
</annotation>"""


def test_loose_annotation_files__come_with_their_images(
    server: ServerThread, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    project = add_project(server, "Loose files")
    for number in range(3):
        (tmp_path / f"loose {number}.png").write_bytes(picture(5000 + number))
    (tmp_path / "loose 0.xml").write_text(VOC.format(name="loose 0.png"))
    (tmp_path / "loose 1.xml").write_text(VOC.format(name="loose 1.png"))
    (tmp_path / "Thumbs.db").write_bytes(b"what a file manager leaves")
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/images"))
    page.locator("input[type=file]").set_input_files(sorted(tmp_path.iterdir()))
    expect(page.get_by_role("status").first).to_have_text("3 images came", timeout=30_000)
    told = project.client.get(f"{project.url}/images", params={"limit": 100}).json()["images"]
    mine = {one["name"].rpartition("/")[2]: one["labels"] for one in told if "loose" in one["name"]}
    assert mine == {"loose 0.png": {"wombat": 1}, "loose 1.png": {"wombat": 1}, "loose 2.png": {}}
    project.client.close()
    page.close()


def test_empty_project__says_what_to_do_and_shows_filters_once_it_has_images(
    server: ServerThread, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    (tmp_path / "first.png").write_bytes(picture(7000))
    page = open_page(signed_in(server, "/w/my-workspace/projects"))
    page.get_by_role("button", name="New project").click()
    page.keyboard.type("Begun by keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No image yet")).to_be_visible()
    expect(page.get_by_label("Search")).to_have_count(0)
    page.locator("input[type=file]").set_input_files(tmp_path / "first.png")
    expect(page.get_by_role("button", name="first.png, not labelled")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="first.png, not labelled").click()
    expect(page.get_by_role("link", name="Edit boxes")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="first.png, not labelled")).to_be_focused()
    page.get_by_label("Search").fill("class:nothing-like-it")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("button", name="first.png, not labelled")).to_be_visible()
    page.close()


def test_images__that_are_dropped_leave_the_split_to_the_version(
    server: ServerThread, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    project = add_project(server, "No split said")
    (tmp_path / "dropped.png").write_bytes(picture(6000))
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/images"))
    page.locator("input[type=file]").set_input_files(tmp_path / "dropped.png")
    expect(page.get_by_role("status").first).to_have_text("1 image came", timeout=30_000)
    told = project.client.get(f"{project.url}/images", params={"limit": 100}).json()["images"]
    assert {one["name"]: one["split"] for one in told}["dropped.png"] is None
    project.client.close()
    page.close()


def test_a_file__is_taken_where_it_is_dropped(server: ServerThread, open_page: Callable[..., Page]) -> None:
    project = add_project(server, "Dropped")
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/images"))
    pixels = list(picture(7000))
    dropped = page.evaluate_handle(
        """(bytes) => {
            const made = new DataTransfer();
            made.items.add(new File([new Uint8Array(bytes)], "let go.png", { type: "image/png" }));
            return made;
        }""",
        pixels,
    )
    area = page.locator("[data-over]")
    area.dispatch_event("dragover", {"dataTransfer": dropped})
    expect(area).to_have_attribute("data-over", "true")
    area.dispatch_event("drop", {"dataTransfer": dropped})
    expect(area).to_have_attribute("data-over", "false")
    expect(page.get_by_role("status").first).to_have_text("1 image came", timeout=30_000)
    told = project.client.get(f"{project.url}/images", params={"limit": 100}).json()["images"]
    assert "let go.png" in {one["name"] for one in told}
    project.client.close()
    page.close()
