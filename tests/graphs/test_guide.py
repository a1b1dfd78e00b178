"""The guide's drawings are what the code draws, and show what they say. Run: pytest tests/graphs/test_guide.py."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from epochal.graphs.document import build_document
from epochal.graphs.reading.finding import Verdict
from epochal.graphs.series import TABLE
from epochal.graphs.svg import format_svg

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_reading", DOCS / "draw_reading.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_examples__each_is_read_as_the_verdict_that_it_shows(script: ModuleType) -> None:
    read = {verdict: build_document(graph)["verdict"] for verdict, graph in script.draw_examples().items()}
    assert read == {verdict: verdict for verdict in get_args(Verdict)}


def test_guide__shows_every_verdict(script: ModuleType) -> None:
    guide = (DOCS / "reading-a-training-graph.md").read_text("utf-8")
    for verdict, graph in script.draw_examples().items():
        assert f"(reading/{verdict}.svg)" in guide
        drawing = (DOCS / "reading" / f"{verdict}.svg").read_text("utf-8")
        assert drawing == format_svg([build_document(graph)]), "run: python docs/draw_reading.py"


def test_findings_page__is_what_the_code_says(script: ModuleType) -> None:
    page = (DOCS / "graph-findings.md").read_text("utf-8")
    assert page == script.format_findings_page(), "run: python docs/draw_reading.py"


def test_graphs_page__has_the_sentence_of_every_series() -> None:
    page = (DOCS / "graphs.md").read_text("utf-8")
    for key, definition in TABLE.items():
        assert f"### `{key}`\n\n{definition.sentence}" in page
