"""One shape for all errors. Run: pytest tests/server/test_error_answers.py."""

import httpx
import pytest

from epochal import errors
from epochal.errors import BadInput, EpochalError, Failed, NotFound, RunFolderError, StorageFull
from epochal.jobs.runs import RunIndex
from epochal.server.answers import ErrorAnswer
from epochal.server.errors import STATUS_OF, code_of


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadInput("x"), 400, "bad_input"),
        (RunFolderError("x"), 409, "run_folder_error"),
        (NotFound("x"), 404, "not_found"),
        (StorageFull("x"), 507, "storage_full"),
        (Failed("x"), 500, "failed"),
        (EpochalError("x"), 500, "epochal_error"),
    ],
)
def test_errors__of_ours_become_their_status(
    keyed: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: EpochalError, status: int, code: str
) -> None:
    def fail(index: RunIndex) -> None:
        raise error

    monkeypatch.setattr(RunIndex, "summaries", fail)
    answer = keyed.get("/api/runs")
    assert (answer.status_code, answer.json()) == (status, {"error": {"code": code, "message": "x"}})


def test_errors__that_nobody_foresaw_tell_nothing(keyed: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(index: RunIndex) -> None:
        raise ValueError("/home/somebody/secret")

    monkeypatch.setattr(RunIndex, "summaries", crash)
    answer = keyed.get("/api/runs")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/none", "/api/runs/", "/none.html", "/assets/none.js"])
def test_errors__of_addresses_that_lead_nowhere(keyed: httpx.Client, path: str) -> None:
    answer = keyed.get(path)
    assert answer.status_code == 404
    assert ErrorAnswer.model_validate(answer.json()).error.code == "not_found"


def test_errors__have_a_status_each() -> None:
    ours = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EpochalError)]
    assert len(ours) > 8
    for kind in ours:
        assert next(status for of, status in STATUS_OF if issubclass(kind, of))
        assert code_of(kind("x")).isidentifier()
