"""The terminal drawing. Run: pytest tests/graphs/test_terminal.py."""

import numpy as np

from epochal.graphs.document import build_document
from epochal.graphs.terminal import clean, draw_braille, format_beside, format_terminal
from graphs.runs import healthy, make_graph


def test_draw_braille__a_rising_line() -> None:
    assert draw_braille(np.array([0.0, 1.0]), width=2, height=1, low=0, high=1) == ["⣠⠞"]


def test_draw_braille__a_constant_and_a_hole() -> None:
    assert draw_braille(np.zeros(4), width=2, height=2, low=0, high=1) == ["⠀⠀", "⣀⣀"]
    assert draw_braille(np.array([0, np.nan, 0, 0]), width=2, height=1, low=0, high=1) == ["⡀⣀"]


def test_format_terminal__says_name_best_verdict_and_what_to_do() -> None:
    text = format_terminal(build_document(make_graph(healthy(60), name="cats-1")), width=80)
    assert text.startswith("cats-1 · epochal · 60 epochs · best epoch 60: mAP_0.5:0.95 0.498")
    assert "train/box_loss" in text
    assert "Verdict: " in text
    assert " → " in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_format_terminal__one_epoch_and_no_map() -> None:
    text = format_terminal(build_document(make_graph({"train/box_loss": [1.0]})))
    assert " · 1 epoch · no mAP" in text


def test_format_beside__draws_all_runs_on_one_scale() -> None:
    runs = [build_document(make_graph(healthy(60), name=f"cats-{number}")) for number in range(13)]
    low = build_document(make_graph({"metrics/mAP_0.5:0.95": [0.0, 0.01]}, name="low"))
    without = build_document(make_graph({"train/box_loss": [1.0, 0.5]}, name="without"))
    text = format_beside([without, low, *runs], width=120)
    assert "low" in text
    assert "cats-10" in text  # with the one before, twelve
    assert "cats-11" not in text
    assert "without" not in text
    rows = text.split("\n\n")[1:]
    assert len(rows) == 4
    assert len({row.splitlines()[1].split()[0] for row in rows}) == 1  # the upper edge of the scale
    assert max(len(line) for line in text.splitlines()) <= 120
    assert format_beside([without]) == ""


def test_clean__a_log_cannot_steer_the_terminal() -> None:
    assert clean("a\x1b[2Jb\n") == "a�[2Jb�"
