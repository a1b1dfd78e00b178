"""The offline report in a real browser. Run: pytest -m browser tests/browser/test_report.py."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser import documents
from epochal.graphs.journal import Journal
from epochal.graphs.report import format_report
from epochal.graphs.run_document import build_run_document

OpenReport = Callable[..., Page]
pytestmark = pytest.mark.browser


def values_of_readout(page: Page) -> dict[str, str]:
    rows = page.get_by_test_id("readout").locator("[data-key]").all()
    return {row.get_attribute("data-key") or "": row.inner_text() for row in rows}


def test_report__opens_offline_and_asks_for_nothing(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.get_by_role("heading", name="bccd_voc-1")).to_be_visible()
    expect(page.get_by_test_id("verdict")).to_contain_text("Healthy, converged")
    expect(page.get_by_role("img", name="Ground truth in images/cell_000.jpg")).to_be_visible()
    assert [url for url in asked if not url.startswith("data:")] == [page.url]


def test_report__puts_losses_and_metrics_into_panels_of_their_own(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    captions = page.get_by_test_id("panels").locator("figcaption strong")
    expect(captions).to_have_text(["Losses", "Metrics on val"])
    page.get_by_role("button", name="Learning rate").click()
    page.get_by_role("button", name="Per class").click()
    expect(captions).to_have_count(4)


def test_charts__shrink_with_the_window(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    expect(page.locator(".u-over")).to_have_count(2)
    page.set_viewport_size({"width": 390, "height": 900})
    expect(page.locator(".uplot").first).to_have_css("width", re.compile(r"^[123]\d\d(\.\d+)?px$"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_readout__shows_all_values_of_the_epoch_under_the_mouse(open_report: OpenReport) -> None:
    doc = documents.healthy()
    page = open_report(doc)
    expect(page.get_by_test_id("readout")).to_contain_text(f"Epoch {doc['best']['epoch']}")
    area = page.locator(".u-over").first
    box = area.bounding_box()
    assert box is not None
    area.hover(position={"x": box["width"] * 9 / 49, "y": 20})  # the tenth of fifty epochs
    expect(page.get_by_test_id("readout")).to_contain_text("Epoch 10")
    shown = values_of_readout(page)
    for key in ("train/box_loss", "val/cls_loss", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "metrics/recall"):
        assert shown[key] == f"{doc['series'][key][9]:.4f}"
    assert {"lr", "time/epoch_s", "metrics/precision", "metrics/confidence"} <= set(shown)
    expect(page.locator(".u-cursor-x").nth(1)).to_be_visible()  # the cursor of the other panel goes along


def test_keyboard__moves_through_the_epochs_and_says_so(open_report: OpenReport) -> None:
    doc = documents.healthy()
    page = open_report(doc)
    readout, best = page.get_by_test_id("readout"), doc["best"]["epoch"]
    page.get_by_test_id("panels").focus()
    page.keyboard.press("ArrowRight")
    expect(readout).to_contain_text(f"Epoch {best + 1}")
    page.keyboard.press("Home")
    expect(readout).to_contain_text("Epoch 1 of 50")
    expect(page.locator("p[aria-live=polite]").first).to_contain_text("Epoch 1: train box_loss")
    page.keyboard.press("b")
    expect(readout).to_contain_text(f"Epoch {best} of 50")
    page.keyboard.press("?")
    expect(page.get_by_role("region", name="Help for the graph")).to_contain_text("ten epochs back or on")


def test_view__lives_in_the_address(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    page.get_by_role("button", name="Log scale").click()
    page.get_by_role("button", name="train box_loss", exact=True).click()
    page.get_by_role("slider", name="Smoothing").fill("0.6")
    area = page.locator(".u-over").first
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Show all")).to_be_visible()
    expect(page).to_have_url(re.compile("smooth=0.6"))  # written when the graph has rested for a moment
    page.reload()
    expect(page.get_by_role("button", name="Log scale")).to_have_attribute("aria-pressed", "true")
    hidden = page.get_by_role("button", name="train box_loss", exact=True)
    expect(hidden).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("weight 0.60")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("button", name="Show all")).to_have_count(0)
    assert "zoom" not in page.url
    assert "smooth=0.6" in page.url


def test_nan__is_a_mark_and_a_word(open_report: OpenReport) -> None:
    page = open_report(documents.broken())
    expect(page.get_by_test_id("verdict")).to_contain_text("Broke down")
    page.get_by_test_id("panels").focus()
    page.keyboard.press("End")
    assert values_of_readout(page)["train/box_loss"] == "NaN"
    page.get_by_text("The train loss is no number").click()
    expect(page.get_by_text("Start again with a tenth of the learning rate")).to_be_visible()


def test_names__that_are_markup_stay_text(open_report: OpenReport) -> None:
    page = open_report(documents.hostile())
    page.get_by_role("button", name="Per class").click()
    page.get_by_text("Table of all 12 epochs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(documents.HOSTILE)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    # These class names are also names of every object's own machinery.
    expect(page.get_by_role("row", name=re.compile("^__proto__ 400"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^constructor 266"))).to_be_visible()


def test_log__with_markup_in_its_names_runs_nothing(open_page: OpenReport, tmp_path: Path) -> None:
    run = tmp_path / "cats-1"
    run.mkdir()
    names = (documents.HOSTILE, "</script><script>window.hacked=1</script>", "<svg onload=window.hacked=1>")
    with Journal(run) as journal:
        journal.start(name=documents.HOSTILE, epochs_planned=12, seed=0)
        for epoch in range(1, 13):
            classes = {f"class/{name}/AP_0.5:0.95": epoch / 20 for name in names}
            journal.epoch(epoch, {"val/box_loss": 1 / epoch, documents.MAP50_95: epoch / 20, **classes})
    path = tmp_path / "graph.html"
    path.write_text(format_report([build_run_document(run)]), "utf-8")
    page = open_page(f"file://{path}")
    page.get_by_role("button", name="Per class").click()
    page.get_by_text("One chart for each of 3 classes").click()
    for name in names:
        expect(page.get_by_role("img", name=f"AP_0.5:0.95 of {name}")).to_be_visible()
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    assert page.locator("script").count() == 2


def test_definitions__have_boxes_to_drag(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    page.get_by_role("button", name="What is mAP?").click()
    figure = page.get_by_test_id("iou")
    expect(figure).to_contain_text("13,056 px² ÷ covered by either 22,944 px² = 0.569")
    expect(figure).to_contain_text("right at 2 of the ten overlaps")
    box = figure.get_by_role("application", name=re.compile("^Move the model's box"))
    box.focus()
    for key in ["ArrowLeft"] * 5 + ["ArrowUp"] * 4:
        page.keyboard.press(key)
    expect(figure).to_contain_text("right at 9 of the ten overlaps")
    page.keyboard.press("Shift+ArrowRight")
    box.drag_to(figure.get_by_role("group"), target_position={"x": 5, "y": 5}, force=True)
    expect(figure).to_contain_text("wrong for mAP_0.5, and right at 0 of the ten")
    page.get_by_role("button", name="Put them back").click()
    expect(figure).to_contain_text("= 0.569")


def test_recipe__tells_the_two_kinds_of_variation_apart(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    varied = page.get_by_test_id("augmentation")
    offline = varied.get_by_role("region", name="In the version, before the training")
    expect(offline).to_contain_text("Version bccd_voc/2 holds 3 variants of each train image, always the same.")
    expect(offline.get_by_role("term")).to_have_text(["blur"])
    online = varied.get_by_role("region", name="By the trainer, anew at every draw")
    expect(online).to_contain_text("mosaic until 70 % of the epochs are done")
    expect(online.get_by_role("term")).to_have_text(["mosaic", "flip"])


def test_next_steps__have_commands_for_this_run(open_report: OpenReport) -> None:
    doc = documents.healthy()
    steps = open_report(doc).get_by_role("region", name="From this model to production")
    threshold = f"{doc['evaluation']['confidence']:.2f}"
    expect(steps).to_contain_text(
        f"epochal predict epochal-data/runs/bccd_voc-1/weights/best.onnx IMAGES/ --confidence {threshold}"
    )
    foreign = open_report({**doc, "source": {"format": "ultralytics", "path": "results.csv"}})
    expect(foreign.get_by_role("region", name="From this model to production")).to_have_count(0)


@pytest.mark.parametrize("kind", ["PNG", "SVG", "CSV"])
def test_download__gives_the_graph(open_report: OpenReport, tmp_path: Path, kind: str) -> None:
    doc = documents.resumed()
    page = open_report(doc)
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile(kind)).click()
    path = tmp_path / f"it.{kind.lower()}"
    waiting.value.save_as(path)
    assert waiting.value.suggested_filename == f"resumed-1.{kind.lower()}"
    if kind == "PNG":
        assert path.read_bytes().startswith(b"\x89PNG")
    elif kind == "SVG":
        assert "mAP_0.5:0.95" in path.read_text("utf-8")
    else:
        rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
        assert [float(row["train/box_loss"]) for row in rows] == doc["series"]["train/box_loss"]


def test_classes__each_have_a_chart_the_worst_first(open_report: OpenReport) -> None:
    doc = documents.crowded()
    page = open_report(doc)
    page.get_by_role("button", name="Per class").click()
    page.get_by_text("One chart for each of 80 classes").click()
    charts = page.get_by_role("img", name=re.compile("^AP_0.5:0.95 of class"))
    expect(charts).to_have_count(80)
    worst = min((key for key in doc["series"] if key.endswith("/AP_0.5:0.95")), key=lambda k: doc["series"][k][-1])
    expect(charts.first).to_have_attribute("aria-label", re.compile(worst.split("/")[1]))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page__fits_its_window(open_report: OpenReport, width: int, scheme: str) -> None:
    page = open_report(documents.crowded(), width=width, scheme=scheme)
    page.get_by_role("button", name="Per class").click()
    expect(page.get_by_placeholder("Find one of 80 classes")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 247, 248)"
    assert light is (scheme == "light")
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 19, 22)"


def test_report__of_300_epochs_and_80_classes_is_small(open_report: OpenReport, tmp_path: Path) -> None:
    page = open_report(documents.crowded())
    expect(page.get_by_text("Table of all 300 epochs")).to_be_visible()
    assert (tmp_path / "graph.html").stat().st_size < 1_000_000


def test_report__of_several_runs_compares_them(open_report: OpenReport) -> None:
    runs, comparison = documents.compared()
    page = open_report(*runs, comparison=comparison)
    expect(page.get_by_role("heading", level=1)).to_have_text("3 runs compared")
    differences = page.get_by_role("region", name="Differences")
    expect(differences).to_contain_text("May be chance")
    expect(differences).to_contain_text("the same 72 images for both, 1000 resamples")
    values = page.get_by_test_id("overlay-values")
    expect(values.get_by_role("listitem")).to_have_count(4)
    plot = page.get_by_test_id("overlay")
    plot.focus()
    page.keyboard.press("Home")
    first = [run["series"][documents.MAP50_95][0] for run in runs]
    expect(values.locator("[data-key=mean0]")).to_have_text(f"{(first[0] + first[1]) / 2:.4f}")
    page.get_by_label("Series to compare").select_option("metrics/recall")
    page.get_by_role("button", name="Schedule").click()
    plot.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("2 % of the schedule")).to_be_visible()
    expect(values.locator("[data-key=run2]")).to_have_text(f"{runs[2]['series']['metrics/recall'][0]:.4f}")
    rows = page.get_by_role("region", name="Settings that differ").get_by_role("row")
    expect(rows).to_have_text([re.compile("^Setting"), re.compile("^seed"), re.compile("^model")])


def test_overlay__lives_in_the_address(open_report: OpenReport) -> None:
    runs, comparison = documents.compared()
    page = open_report(*runs, comparison=comparison)
    bar = page.get_by_role("toolbar", name="View of the runs")
    bar.get_by_role("button", name="Time").click()
    bar.get_by_role("slider", name="Smoothing").fill("0.8")
    bar.get_by_role("button", name="Log scale").click()
    page.get_by_role("button", name="Show only larger-1").click()
    page.get_by_test_id("overlay-values").get_by_role("button", name="cells-2", exact=True).click()
    over = page.get_by_test_id("overlay").locator(".u-over")
    box = over.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(bar.get_by_role("button", name="Show all")).to_be_visible()
    page.wait_for_timeout(400)  # the address is written when the view rests
    link = page.url
    other = open_report(*runs, comparison=comparison, fragment=link[link.index("#") :])
    bar = other.get_by_role("toolbar", name="View of the runs")
    for name in ("Time", "Log scale"):
        expect(bar.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
    expect(other.get_by_text("weight 0.80")).to_be_visible()
    legend = other.get_by_test_id("overlay-values")
    expect(legend.locator("[aria-pressed=true]")).to_have_text(["cells-2", "larger-1"])
    expect(bar.get_by_role("button", name="Show all")).to_be_visible()
    # The other graph of the report keeps its own view.
    expect(other.get_by_role("toolbar", name="View of the graph").get_by_role("slider")).to_have_value("0")


@pytest.mark.parametrize("kind", ["PNG", "SVG", "CSV"])
def test_overlay__can_be_downloaded(open_report: OpenReport, tmp_path: Path, kind: str) -> None:
    runs, comparison = documents.compared()
    page = open_report(*runs, comparison=comparison)
    page.get_by_test_id("overlay-values").get_by_role("button", name="cells-2", exact=True).click()
    bar = page.get_by_role("toolbar", name="View of the runs")
    bar.get_by_text("Download", exact=True).click()
    with page.expect_download() as waiting:
        bar.get_by_role("button", name=re.compile(kind)).click()
    path = tmp_path / "it"
    waiting.value.save_as(path)
    if kind == "PNG":
        assert path.read_bytes().startswith(b"\x89PNG")
    elif kind == "SVG":
        text = path.read_text("utf-8")
        assert "larger-1" in text
        assert "cells-2" not in text
    else:
        rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
        assert [row["run"] for row in rows] == ["cells-1"] * 40 + ["larger-1"] * 50
        assert [float(row[documents.MAP50_95]) for row in rows[:40]] == runs[0]["series"][documents.MAP50_95]


def test_graph__is_moved_and_zoomed(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    panels = page.get_by_test_id("panels")
    panels.focus()
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="Show all")).to_be_visible()

    def zoom() -> list[float]:
        page.wait_for_timeout(400)  # the address is written when the view rests
        found = re.search(r"zoom=([\d.]+)%7E([\d.]+)", page.url)
        assert found is not None
        return [float(end) for end in found.groups()]

    assert zoom() == [13.25, 37.75]
    page.keyboard.press(">")
    assert zoom() == [19.375, 43.875]
    area = page.locator(".u-over").first
    box = area.bounding_box()
    assert box is not None
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 300, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 300 + box["width"] * 0.2, box["y"] + 50, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    moved = zoom()
    assert moved[0] == pytest.approx(19.375 - 0.2 * 24.5, abs=0.3)
    assert moved[1] - moved[0] == pytest.approx(24.5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_comparison__fits_a_narrow_window(open_report: OpenReport, scheme: str) -> None:
    runs, comparison = documents.compared()
    page = open_report(*runs, comparison=comparison, width=390, scheme=scheme)
    expect(page.get_by_test_id("overlay")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_report__of_several_runs_lets_choose(open_report: OpenReport) -> None:
    page = open_report(documents.healthy(), documents.healthy(40, name="bccd_voc-2", seed=2))
    expect(page.get_by_role("heading", level=1)).to_have_text("bccd_voc-1 and bccd_voc-2")
    page.get_by_role("group", name="Run").get_by_role("button", name="bccd_voc-2").click()
    expect(page.get_by_text("Table of all 40 epochs")).to_be_visible()


def test_report__of_one_epoch_and_of_none(open_report: OpenReport) -> None:
    page = open_report(documents.healthy(1, planned=50))
    expect(page.get_by_test_id("readout")).to_contain_text("Epoch 1 of 50")
    empty = {**documents.healthy(1), "epochs": [], "series": {}, "best": None, "evaluation": None}
    page = open_report(empty)
    expect(page.get_by_text("No epoch is finished yet")).to_be_visible()
