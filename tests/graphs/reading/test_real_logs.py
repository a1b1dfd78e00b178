"""The reading on real logs, against what a person sees in them. Run: pytest tests/graphs/reading/test_real_logs.py."""

import csv
import json
from pathlib import Path

import pytest

from epochal.errors import EpochalError
from epochal.graphs.document import build_document
from epochal.graphs.sources import read_any

# Drawn and judged by eye; only graphs on which there is little to argue about.
SEEN = {
    "not_learning": ["S008", "S033", "S059", "S093", "S094"],
    "too_short_to_tell": ["S037", "S047", "S057", "S062", "S071", "S085", "S100", "S101"],
    "diverged_or_nan": ["S052", "S053"],
    "overfitting": ["S044", "S046", "S063", "S064", "S065", "S069"],
    "unstable_noisy": ["S007", "S048", "S076"],
    "improving_still": ["S006", "S034", "S036", "S038", "S040", "S041", "S060", "S066", "S082", "S084"],
    "plateaued": ["S043", "S051", "S067", "S077", "S087", "S088", "S092", "S099", "S102"],
    "healthy_converged": ["S030", "S035", "S039", "S058", "S061", "S078", "S079", "S104"],
    "cannot_tell": ["S005", "S017", "S018", "S031", "S050"],
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
