"""The reading on real logs, against what a person sees in them. Run: pytest tests/graphs/reading/test_real_logs.py."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from epochal.errors import EpochalError
from epochal.graphs.document import build_document
from epochal.graphs.graph import Graph
from epochal.graphs.reading.measure import rows_of
from epochal.graphs.reading.reader import read_graph
from epochal.graphs.sources import read_any

# Drawn and judged by eye; only graphs on which there is little to argue about.
SEEN = {
    "not_learning": ["S008", "S016", "S033", "S059", "S093", "S094"],
    "too_short_to_tell": [
        "S001",
        "S002",
        "S010",
        "S011",
        "S012",
        "S020",
        "S024",
        "S037",
        "S047",
        "S057",
        "S062",
        "S071",
        "S075",
        "S085",
        "S097",
        "S100",
        "S101",
    ],
    "diverged_or_nan": ["S009", "S052", "S053"],
    "overfitting": ["S044", "S046", "S063", "S064", "S065", "S069"],
    "unstable_noisy": ["S007", "S045", "S048", "S076"],
    "improving_still": ["S006", "S034", "S036", "S038", "S040", "S041", "S060", "S066", "S073", "S082", "S084", "S090"],
    "plateaued": [
        "S026",
        "S042",
        "S043",
        "S051",
        "S067",
        "S068",
        "S074",
        "S077",
        "S087",
        "S088",
        "S089",
        "S092",
        "S095",
        "S099",
        "S102",
    ],
    "healthy_converged": ["S030", "S035", "S039", "S058", "S061", "S078", "S079", "S104"],
    "cannot_tell": ["S003", "S004", "S005", "S013", "S017", "S018", "S019", "S031", "S032", "S050"],
}
# The same logs after 60 % of their rows: trainings that were stopped in the middle, drawn and judged anew.
SEEN_CUT = {
    "not_learning": ["S008", "S023", "S033"],
    "overfitting": ["S063", "S064", "S065", "S069"],
    "unstable_noisy": ["S007", "S044", "S060"],
    "improving_still": ["S034", "S035", "S038", "S040", "S041", "S054", "S061", "S079", "S080", "S083", "S086", "S090"],
    "plateaued": ["S028", "S043", "S051", "S067", "S068", "S070", "S072", "S074", "S087", "S089", "S096", "S099"],
    "healthy_converged": ["S039", "S103"],
}


@pytest.fixture(scope="module")
def logs(shared_data: Path) -> dict[str, Path]:
    root = shared_data / "training-logs"
    with (root / "index.csv").open(encoding="utf-8") as stream:
        return {row["run_id"]: root / row["file"] for row in csv.DictReader(stream)}


@pytest.mark.parametrize("verdict", SEEN)
def test_read_graph__agrees_with_the_eye(verdict: str, logs: dict[str, Path]) -> None:
    found = {run: build_document(read_any(logs[run]))["verdict"] for run in SEEN[verdict]}
    assert found == dict.fromkeys(SEEN[verdict], verdict)


@pytest.mark.parametrize("verdict", SEEN_CUT)
def test_read_graph__of_a_stopped_training_agrees_with_the_eye(verdict: str, logs: dict[str, Path]) -> None:
    found = {run: read_graph(_cut(read_any(logs[run]), 0.6)).verdict for run in SEEN_CUT[verdict]}
    assert found == dict.fromkeys(SEEN_CUT[verdict], verdict)


def _cut(graph: Graph, part: float) -> Graph:
    """The rows of a log's first part, numbered anew."""
    rows = rows_of(graph)
    count = int(part * len(rows))
    series = {key: values[:count] for key, values in rows.series.items()}
    present = {key: values[:count] for key, values in rows.present.items()}
    return Graph(graph.name, graph.format, graph.path, np.arange(1, count + 1), series, present)


def test_build_document__of_every_real_log_is_plain_json(logs: dict[str, Path]) -> None:
    refused = {}
    for run, path in logs.items():
        try:
            document = build_document(read_any(path))
        except EpochalError as error:
            refused[run] = str(error)
            continue
        json.dumps(document, allow_nan=False)
        assert document["findings"][0]["id"] == document["verdict"]
        first, last = min(document["epochs"]), max(document["epochs"])
        assert all(f["epochs"][0] <= f["epochs"][1] for f in document["findings"] if f["id"] != "resume_discontinuity")
        assert all(first <= event["epoch"] <= last + 1 for event in document["events"]), run
    assert all("without a line of training" in sentence for sentence in refused.values()), refused
