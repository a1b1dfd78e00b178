"""The evaluation page, in a report and in the app over a run's own images. Run: pytest -m browser tests/browser."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from browser import documents
from browser.signing_in import signed_in
from epochal.boxes import Detections
from epochal.evaluation import GroundTruth, evaluate, keep_boxes, save_boxes
from epochal.graphs.journal import Journal
from epochal.server.app import create_app
from epochal.server.serving import ServerThread, bind

OpenReport = Callable[..., Page]
IMAGES = 15
BOX = np.array([[20, 20, 60, 60]], np.float32)
# Of the picture that an SVG image element shows, once it has come.
WIDTH_OF_PICTURE = """image => new Promise(done => {
    const picture = new Image();
    picture.onload = () => done(picture.width);
    picture.src = image.href.baseVal;
})"""
pytestmark = pytest.mark.browser


# ── a report ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_threshold__moves_numbers_and_boxes(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    values, boxes = page.get_by_test_id("threshold-values"), page.locator("svg:has(title:text('Predictions')) g")
    slider = page.get_by_role("slider", name="Confidence", exact=True)
    slider.fill("0.1")
    expect(values).to_contain_text("precision 0.584")
    many = boxes.count()
    slider.fill("0.9")
    expect(values).to_contain_text("recall 0.280")
    assert boxes.count() < many
    slider.press("ArrowLeft")
    expect(values).to_contain_text("recall 0.305")


def test_threshold__is_dragged_in_the_plot(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    plot = page.get_by_role("img", name="Precision, recall and F1 against confidence")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 50, box["y"] + 400, steps=3)  # beyond the plot: it is still held
    page.mouse.up()
    expect(page.get_by_role("slider", name="Confidence", exact=True)).to_have_value("1")


def test_threshold__chosen_on_val_is_checked_on_test(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    best = page.get_by_test_id("best-threshold")
    expect(best).to_contain_text("Chosen on val (F1 0.830 there), checked on test: F1 0.820, precision 0.880")
    expect(best).to_contain_text("Test itself would choose")
    # The headline, the sentence and the readout are of one threshold, so they say the same.
    values = page.get_by_test_id("threshold-values")
    expect(values).to_contain_text("precision 0.880")
    expect(values).to_contain_text("F1 0.820")
    page.get_by_role("button", name="F2").click()
    expect(best).to_contain_text("checked on test: F2 0.820")
    before = page.get_by_role("slider", name="Confidence", exact=True).input_value()
    best.get_by_role("button").click()
    after = page.get_by_role("slider", name="Confidence", exact=True).input_value()
    assert float(after) == pytest.approx(float(before) - 0.1, abs=0.011)
    page.get_by_label("Curves of").select_option("Platelets")
    expect(best).to_contain_text("It rests on 12 annotations, under 50")
    page.get_by_text("Best F2 of each class").click()
    expect(page.get_by_role("row", name=re.compile("^Platelets .* 12 few$"))).to_be_visible()


def test_split__is_switched(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    section = page.get_by_role("region", name="Final evaluation")
    expect(section).to_contain_text("these are the numbers to quote")
    section.get_by_role("button", name="val, 87 images").click()
    expect(section).to_contain_text("Quote those of test")
    expect(section).to_contain_text("0.911")
    expect(section.get_by_test_id("best-threshold")).to_contain_text("The same images choose and judge")
    expect(page.get_by_role("heading", name="Confusion matrix on val")).to_be_visible()
    expect(page.get_by_role("region", name="Examples")).to_have_count(0)  # a report has no pictures of val
    expect(page.get_by_role("region", name="Suspect labels")).to_contain_text("The app shows pictures of val")


def test_confusion__of_a_report_opens_the_boxes_that_it_holds(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    expect(page.get_by_test_id("matrix-terms")).to_contain_text("and IoU 0.5.")
    cell = page.get_by_role("button", name="RBC predicted as RBC, show images")
    cell.focus()
    page.keyboard.press("Enter")
    boxes = page.get_by_role("region", name="Images of the cell")
    expect(boxes.get_by_role("listitem")).to_have_count(2)
    expect(boxes).to_contain_text("annotation 20, 30, 90, 110 · model 22, 31, 95, 108 at 0.90images/other.jpg")
    expect(boxes.get_by_role("button", name="large")).to_have_count(1)  # the other image is no example
    cell.click()
    expect(boxes).to_have_count(0)
    page.get_by_role("button", name="% of row").click()
    expect(page.get_by_role("rowheader", name="Truth")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Predicted")).to_be_visible()


def test_address__shows_the_same_again(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    page.get_by_role("button", name="val, 87 images").click()
    page.get_by_role("slider", name="Confidence", exact=True).fill("0.35")
    page.get_by_label("Curves of").select_option("Platelets")
    page.get_by_role("button", name="F2", exact=True).click()
    expect(page).to_have_url(re.compile(r"#\?split=val&confidence=0\.35&of=Platelets&beta=2$"))
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_role("heading", name="Final evaluation on val")).to_be_visible()
    expect(page.get_by_role("slider", name="Confidence", exact=True)).to_have_value("0.35")
    expect(page.get_by_label("Curves of")).to_have_value("Platelets")
    expect(page.get_by_role("button", name="F2", exact=True)).to_have_attribute("aria-pressed", "true")
    page.goto(address.partition("#")[0] + "#?cell=1~1")
    expect(page.get_by_role("region", name="Images of the cell")).to_be_visible()
    page.goto(
        address.partition("#")[0] + "#?cell=99~1&of=nobody&split=train&confidence=nan"
    )  # of another run, or wrong
    expect(page.get_by_role("heading", name="Final evaluation on test")).to_be_visible()
    expect(page.get_by_role("region", name="Images of the cell")).to_have_count(0)


def test_confusion__when_no_prediction_is_right(open_report: OpenReport) -> None:
    document = documents.healthy()
    document["evaluation"]["confusion"]["confidence"] = document["evaluation"]["confidence"] = None
    page = open_report(document)
    expect(page.get_by_test_id("matrix-terms")).to_contain_text("No prediction is right at IoU 0.5")


def test_diagnoses__say_what_would_help(open_report: OpenReport) -> None:
    page = open_report(documents.healthy())
    errors = page.get_by_role("region", name="Errors and sizes")
    gains = errors.get_by_role("list", name="Kinds of error").get_by_role("listitem").locator("strong")
    expect(gains).to_have_text(["+6.1", "+3.0", "+2.0", "+0.1"])
    expect(errors.get_by_role("row", name=re.compile("^RBC 0.250 ?7 none$"))).to_be_visible()
    errors.get_by_role("button", name="AP_0.5", exact=True).click()
    expect(errors.get_by_role("row", name=re.compile("^All classes 0.500 ?7 none$"))).to_be_visible()
    advice = page.get_by_role("region", name="Recommendations")
    expect(advice).to_contain_text("Because: missed 134, annotations 805.")
    suspects = page.get_by_role("region", name="Suspect labels")
    expect(suspects).to_contain_text("1. RBC may be without a box")
    expect(suspects).to_contain_text("The model did not learn from these images")
    suspects.get_by_role("button", name="Show RBC may be without a box in images/cell_001.jpg large").click()
    expect(page.get_by_role("dialog")).to_contain_text("images/cell_001.jpg")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


# ── the app ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Place:
    """A data folder with one run, and the dataset that it was trained on."""

    data: Path
    dataset: Path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """15 test images, each with a cell: all but the last are found at 0.9 to 0.62, the last is taken for dirt."""
    run, dataset = tmp_path / "runs" / "cells-1", tmp_path / "cells"
    run.mkdir(parents=True)
    dataset.mkdir()
    names = [f"cell {i:02d}.png" for i in range(IMAGES)]
    for i, name in enumerate(names):
        Image.new("RGB", (160, 120), (10 * i, 90, 120)).save(dataset / name)
    truths = [GroundTruth(BOX, np.zeros(1, np.int64), np.zeros(1, bool), (160, 120))] * IMAGES
    found = [
        Detections(BOX + 1, np.array([0.9 - i / 50], np.float32), np.array([int(i == IMAGES - 1)]))
        for i in range(IMAGES)
    ]
    numbers = evaluate(truths, found, ("cell", "dirt"), resamples=20)
    hashes = [hashlib.sha256((dataset / name).read_bytes()).hexdigest() for name in names]
    for split in ("val", "test"):
        save_boxes(run / f"boxes-{split}.npz", keep_boxes(numbers, names, hashes))
    final = numbers.to_json(file_names=names, chosen_on=numbers) | {"split": "test", "examples": []}
    (run / "evaluation.json").write_text(json.dumps(final))
    (run / "evaluation-val.json").write_text(json.dumps(numbers.to_json(file_names=names) | {"split": "val"}))
    (run / "recipe.json").write_text(
        json.dumps({"name": "cells-1", "dataset": {"path": str(dataset)}, "recipe": {"model": "fast-n", "epochs": 1}})
    )
    with Journal(run) as journal:
        journal.start(name="cells-1", epochs_planned=1, seed=0)
        journal.epoch(1, {"train/box_loss": 2.0, "metrics/mAP_0.5:0.95": 0.1})
        journal.end("finished")
    return Place(tmp_path, dataset)


def serve(place: Place) -> ServerThread:
    return ServerThread(create_app(place.data), bind("127.0.0.1", 0))


def test_confusion__shows_every_image_behind_a_cell(place: Place, open_page: Callable[..., Page]) -> None:
    with serve(place) as server:
        page = open_page(signed_in(server, "/runs/cells-1"))
        expect(page.get_by_test_id("matrix-terms")).to_contain_text("as the threshold above stands")
        page.get_by_role("button", name="14 × cell predicted as cell, show images").click()
        cell = page.get_by_role("region", name="Images of the cell")
        expect(cell).to_contain_text("14 in 14 images, the surest first")
        pictures = cell.get_by_role("button", name="large")
        expect(pictures).to_have_count(12)
        expect(pictures.first).to_have_accessible_name("Show 1 box, at 0.90 in cell 00.png large")
        cell.get_by_role("button", name="Show 2 more of 14").click()
        expect(pictures).to_have_count(14)
        expect(pictures.last).to_be_visible()
        assert pictures.last.locator("image").evaluate(WIDTH_OF_PICTURE) == 160
        page.get_by_role("slider", name="Confidence", exact=True).fill("0.8")
        expect(page.get_by_role("button", name="6 × cell predicted as cell, show images")).to_be_visible()
        expect(cell).to_contain_text("6 in 6 images")
        page.get_by_role("button", name="9 × cell predicted as background, show images").click()
        expect(cell).to_contain_text("9 in 9 images, those with most first")
        page.close()


def test_images__of_either_split_page_by_page(place: Place, open_page: Callable[..., Page]) -> None:
    with serve(place) as server:
        page = open_page(signed_in(server, "/runs/cells-1"))
        examples = page.get_by_role("region", name="Examples")
        expect(examples).to_contain_text("1 to 12 of 15")
        examples.get_by_role("button", name="Next").click()
        expect(examples).to_contain_text("cell 14.png0 of 1 found, 1 missed, 0 false alarms")
        page.get_by_role("slider", name="Confidence", exact=True).fill("0.6")
        expect(examples).to_contain_text("0 of 1 found, 1 missed, 1 false alarm")
        page.get_by_role("button", name="val, 15 images").click()
        expect(page.get_by_role("heading", name="Images of val")).to_be_visible()
        page.close()


def test_picture__of_a_dataset_that_has_changed_says_so(place: Place, open_page: Callable[..., Page]) -> None:
    Image.new("RGB", (160, 120)).save(place.dataset / "cell 00.png")
    (place.dataset / "cell 01.png").unlink()
    with serve(place) as server:
        page = open_page(signed_in(server, "/runs/cells-1"), may_complain=True)  # the browser does, about the 404
        page.get_by_role("button", name="14 × cell predicted as cell, show images").click()
        cell = page.get_by_role("region", name="Images of the cell")
        expect(cell).to_contain_text("has changed since it was evaluated")
        expect(cell).to_contain_text("is not there any more")
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_evaluation__fits_a_narrow_window(place: Place, open_page: Callable[..., Page], scheme: str) -> None:
    with serve(place) as server:
        page = open_page(signed_in(server, "/runs/cells-1"), width=390, scheme=scheme)
        page.get_by_role("button", name="14 × cell predicted as cell, show images").click()
        expect(page.get_by_role("region", name="Images of the cell").get_by_role("button")).to_have_count(13)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.close()
