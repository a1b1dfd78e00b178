"""A packed document holds what the plain one holds. Run: pytest tests/graphs/test_packed.py."""

import json
import math
from typing import Any

import numpy as np

from epochal.graphs.document import build_document
from epochal.graphs.graph import Graph
from epochal.graphs.packed import pack


def graph_of(series: dict[str, list[float]], epochs: list[int]) -> Graph:
    columns = {key: np.array(values) for key, values in series.items()}
    present = {key: np.ones(len(epochs), bool) for key in columns}
    return Graph(name="Zellen-ä", format="epochal", path="x", epochs=np.array(epochs), series=columns, present=present)


def unpack(data: bytes) -> dict[str, Any]:
    """Written from the format's description, and not from the code that packs."""
    assert data[:4] == b"EPG1"
    end = 8 + int.from_bytes(data[4:8], "little")
    head = json.loads(data[8:end])
    assert end % 8 == 0
    rows, keys = head["rows"], head["keys"]
    table = np.frombuffer(data[end:], "<f8").reshape(len(keys) + 1, rows)
    plain = [[None if math.isnan(value) else value for value in column] for column in table.tolist()]
    return {**head["document"], "epochs": plain[0], "series": dict(zip(keys, plain[1:], strict=True))}


def test_pack__holds_what_the_document_holds() -> None:
    series = {
        "lr": [0.1, 1e-300, 5e-324],
        "train/box_loss": [math.nan, math.inf, 1 / 3],
        "class/__proto__/AP_0.5": [0.0] * 3,
    }
    graph = graph_of(series, [1, 2, 4])
    document = build_document(graph)
    packed = unpack(pack({**document, "cursor": 7}, graph))
    assert packed == {**document, "cursor": 7}
    assert list(packed["series"]) == list(document["series"])
    assert [mark["value"] for mark in packed["marks"]] == ["NaN", "Infinity"]
    assert unpack(pack(build_document(graph, has_numbers=False), graph)) == document


def test_pack__of_a_run_without_epochs() -> None:
    graph = graph_of({}, [])
    assert unpack(pack(build_document(graph), graph)) == build_document(graph)
