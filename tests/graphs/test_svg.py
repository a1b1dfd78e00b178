"""SVG drawings are well-formed and show every spike. Run: pytest tests/graphs/test_svg.py."""

import re
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest

from epochal.graphs.document import build_document
from epochal.graphs.graph import Event
from epochal.graphs.svg import format_svg, nice_ticks
from graphs.runs import MAP, healthy, make_graph

SVG = "{http://www.w3.org/2000/svg}"


def parse(text: str) -> Element:
    return fromstring(text)  # written by us a moment ago; nothing hostile survives as markup, which is the test


def texts(root: Element) -> list[str]:
    return [element.text or "".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def test_format_svg__one_run_has_panels_axes_legend_and_marks() -> None:
    graph = make_graph({**healthy(50), f"{MAP}/low": healthy(50)[MAP] - 0.05, f"{MAP}/high": healthy(50)[MAP] + 0.05},
                       events=(Event(40, "mosaic_off", "Mosaic is off."),))  # fmt: skip
    root = parse(format_svg([build_document(graph)]))
    assert {"run", "mosaic off", "train box_loss", "val cls_loss", "mAP_0.5:0.95", "epoch"} <= set(texts(root))
    assert len(list(root.iter(f"{SVG}polygon"))) == 1
    assert {title.text for title in root.iter(f"{SVG}title")} == {"Mosaic is off.", "best epoch 50: 0.498"}


def test_format_svg__nan_is_a_cross() -> None:
    values = healthy(50)["train/box_loss"]
    values[20] = np.nan
    root = parse(format_svg([build_document(make_graph({"train/box_loss": values}))]))
    assert texts(root).count("×") == 1
    assert "train/box_loss is NaN" in [title.text for title in root.iter(f"{SVG}title")]


def test_format_svg__a_hostile_name_is_text() -> None:
    name = '</text><script>alert(1)</script>"&\x00'
    root = parse(format_svg([build_document(make_graph(healthy(12), name=name))]))
    assert texts(root)[0] == name.replace("\x00", "�")
    assert not list(root.iter(f"{SVG}script"))


def test_format_svg__several_runs() -> None:
    documents = [build_document(make_graph(healthy(12), name=f"run {n}")) for n in range(15)]
    words = texts(parse(format_svg(documents)))
    assert words[0] == "15 runs"
    assert {"run 0", "run 10", "and 4 more"} <= set(words)


def test_format_svg__smoothing_is_told_and_the_raw_line_stays() -> None:
    document = build_document(make_graph({MAP: healthy(50)[MAP]}))
    plain, smooth = (format_svg([document], smoothing=weight) for weight in (0.0, 0.6))
    assert "smoothed, weight 0.6" in smooth
    assert smooth.count('opacity="0.25"') == 1
    assert plain.count('opacity="0.25"') == 0


def test_format_svg__a_gap_breaks_the_line_and_a_long_run_stays_small() -> None:
    values = np.full(200_000, 0.5)
    values[1000] = 0.9
    values[50_000:60_000] = np.nan
    text = format_svg([build_document(make_graph({MAP: values}))])
    assert len(text) < 100_000
    (line,) = re.findall(r'd="(M[^"]*)" fill="none"', text)
    assert line.count("M") == 2
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", line)]
    assert min(heights) < max(heights) - 30


def test_format_svg__one_epoch_and_nothing_to_draw() -> None:
    parse(format_svg([build_document(make_graph({MAP: [0.5]}))]))
    parse(format_svg([build_document(make_graph({"lr": [0.5]}))]))
    parse(format_svg([build_document(make_graph({"train/box_loss": [float("nan")] * 3}))]))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.5, 1.0]), (0, 0.8, [0, 0.2, 0.4, 0.6, 0.8]), (1, 50, [20, 40]), (2, 2, [2]), (0, float("inf"), [0])],
)
def test_nice_ticks(low: float, high: float, expected: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(expected)


def test_format_svg__a_peak_is_drawn_where_it_is_or_said_to_be_at_the_edge() -> None:
    losses = np.linspace(3.0, 1.0, 300)
    losses[0] = 5.0
    near = texts(parse(format_svg([build_document(make_graph({"train/box_loss": losses}))])))
    assert "losses" in near
    losses[0] = 812.0
    far = texts(parse(format_svg([build_document(make_graph({"train/box_loss": losses}))])))
    assert "losses · 1 value up to 812 lies at the edge" in far


def test_format_svg__words_beside_marks_cover_neither_each_other_nor_the_curves() -> None:
    events = tuple(Event(epoch, "resume", f"again {epoch}") for epoch in (10, 11, 12, 13, 300))
    text = format_svg([build_document(make_graph(healthy(300), events=events))])
    words = [one for one in parse(text).iter(f"{SVG}text") if one.text == "resumed"]
    assert len({(one.get("x"), one.get("y")) for one in words}) == len(words) == 2 * 4  # one of five has no room
    assert words[-1].get("text-anchor") == "end"
    curves_begin = min(float(top) for top in re.findall(r'd="M[\d.]+ ([\d.]+)V', text))
    assert min(float(str(one.get("y"))) for one in words) < curves_begin
