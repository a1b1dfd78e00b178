"""No graph, however odd, makes the reading fail. Run: pytest tests/graphs/reading/test_wild_graphs.py."""

import json
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from epochal.graphs.document import build_document
from epochal.graphs.graph import Event, Graph, Superseded
from epochal.graphs.svg import format_svg
from epochal.graphs.terminal import format_terminal

KEYS = [
    "train/box_loss", "val/box_loss", "train/cls_loss", "val/cls_loss", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95",
    "metrics/precision", "metrics/recall", "lr", "class/a/AP_0.5:0.95", "class/b/AP_0.5:0.95",
    "metrics/mAP_0.5:0.95/low", "metrics/mAP_0.5:0.95/high", "other",
]  # fmt: skip
ODD = st.sampled_from([0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 1e308, -1e308, 1e-300, 5e-324])
NUMBER = st.one_of(ODD, st.floats(0, 1), st.floats())


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(0, 40))
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
    first = draw(st.integers(0, 3))
    epochs = np.cumsum(np.array(draw(st.lists(st.integers(1, 3), min_size=count, max_size=count)), np.int64)) + first
    column = st.one_of(st.lists(NUMBER, min_size=count, max_size=count), NUMBER.map(lambda value: [value] * count))
    series = {key: np.array(draw(column), np.float64) for key in keys}
    flags = st.lists(st.booleans(), min_size=count, max_size=count)
    present = {key: np.isfinite(values) | np.array(draw(flags), np.bool_) for key, values in series.items()}
    kinds = st.sampled_from(["warmup_end", "mosaic_off", "lr_drop", "resume", "stop", "nan"])
    events = tuple(Event(draw(st.integers(0, 60)), draw(kinds), "x") for _ in range(draw(st.integers(0, 3))))
    old = ()
    if count and draw(st.booleans()):
        part = epochs[: draw(st.integers(0, count))]
        old = (Superseded(1, part, {key: values[: len(part)] for key, values in series.items()}),)
    log_format = draw(st.sampled_from(["epochal", "csv"]))
    planned = draw(st.sampled_from([None, 0, 10, 1000]))
    return Graph("r", log_format, "r", epochs, series, present, min(first, 1), planned, old, events)


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_build_document__of_any_graph(graph: Graph) -> None:
    with np.errstate(all="ignore"):
        document = build_document(graph)
        json.dumps(document, allow_nan=False)
        assert document["findings"][0]["id"] == document["verdict"]
        format_terminal(document)
        format_svg([document], smoothing=0.5)
