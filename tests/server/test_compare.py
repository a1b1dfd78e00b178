"""Comparing runs over HTTP. Run: pytest tests/server/test_compare.py."""

import shutil
from pathlib import Path

import httpx

from epochal.server.answers import Comparison


def test_compare__of_repeats_has_their_band_and_the_difference(keyed: httpx.Client, run: Path) -> None:
    shutil.copytree(run, run.parent / "cells-2")
    answer = keyed.get("/api/compare?run=cells-1&run=cells-2")
    found = Comparison.model_validate(answer.json())
    assert [pair.difference for pair in found.pairs] == [0.0]
    assert found.pairs[0].is_real is None
    assert found.groups[0].runs == [0, 1]
    assert found.groups[0].series["metrics/mAP_0.5:0.95"].mean == [0.1, 0.2]
    assert {row.field for row in found.recipes} >= {"model", "epochs"}


def test_compare__needs_two_runs_that_exist(keyed: httpx.Client, run: Path) -> None:
    assert keyed.get("/api/compare?run=cells-1").status_code in {400, 422}
    answer = keyed.get("/api/compare?run=cells-1&run=..")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
