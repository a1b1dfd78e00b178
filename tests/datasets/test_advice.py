"""Every finding has its advice and its line in the docs. Run: pytest tests/datasets/test_advice.py."""

from pathlib import Path

import pytest

from epochal.datasets.advice import ADVICE
from epochal.datasets.findings import FindingLog

ROOT = Path(__file__).parents[2]


def test_finding_log__refuses_an_id_without_advice() -> None:
    with pytest.raises(AssertionError, match="has no row in ADVICE"):
        FindingLog().add("unheard_of", "note", "example")


def test_finding_log__counts_all_and_keeps_five_examples() -> None:
    log = FindingLog()
    log.add_many("nan_box", "skipped", 7, (f"example {i}" for i in range(7)))
    log.add("nan_box", "skipped", "example 8")
    log.add("nan_box", "note", "another action is another finding")
    first, second = log.findings()
    assert (first.count, first.examples) == (8, tuple(f"example {i}" for i in range(5)))
    assert (second.count, second.action) == (1, "note")


def test_advice__has_no_row_that_the_code_never_uses() -> None:
    sources = (path for path in (ROOT / "src/epochal/datasets").rglob("*.py") if path.name != "advice.py")
    text = "".join(path.read_text("utf-8") for path in sources)
    assert {finding_id for finding_id in ADVICE if f'"{finding_id}"' not in text} == set()


def test_docs__list_each_finding() -> None:
    docs = (ROOT / "docs" / "datasets.md").read_text("utf-8")
    rows = {f"| `{finding_id}` | {row.meaning} | {row.remedy} |" for finding_id, row in ADVICE.items()}
    assert {row for row in rows if row not in docs} == set()
