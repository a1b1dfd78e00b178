"""Log lines. Run: pytest tests/server/test_logs.py."""

import logging
from collections.abc import Callable

import httpx
import pytest

from epochal.server.logs import Formatter


def _line(message: str, fields: dict[str, object]) -> str:
    record = logging.LogRecord("epochal", logging.INFO, "", 0, message, (), None)
    record.created, record.msecs, record.fields = 1_790_000_000.123, 123, fields
    return Formatter().format(record)


def test_formatter__writes_one_line_of_pairs() -> None:
    line = _line("request", {"method": "GET", "path": "/api/runs", "status": 200, "ms": 3.1})
    assert line == "2026-09-21T14:13:20.123Z info request method=GET path=/api/runs status=200 ms=3.1"


@pytest.mark.parametrize("value", ["a b", "a\nb", "\x1b[31mred", 'a"b', "a=b", "", "ü"])
def test_formatter__lets_no_value_break_the_line(value: str) -> None:
    line = _line("request", {"path": value})
    assert line.isprintable()
    assert "=" not in line.partition('path="')[2].replace("a=b", "")
    assert line.endswith('"')


def test_formatter__adds_what_was_raised() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        record = logging.LogRecord("epochal", logging.ERROR, "", 0, "crashed", (), (type(error), error, None))
    assert "ValueError: broken" in Formatter().format(record)


def test_request_log__tells_no_query_no_header_no_body(
    client: httpx.Client, caplog: pytest.LogCaptureFixture, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    caplog.set_level(logging.INFO, "epochal")
    secret = "secret-5c1d"
    headers = {"Authorization": f"Bearer {secret}", "Cookie": f"session={secret}"}
    client.get(f"/api/runs?key={secret}", headers=headers)
    client.post("/api/trainings", json={"dataset": secret}, headers=headers)
    client.get(f"/query/cliAuthToken/{secret}")  # the one address of a client that has a key in it

    def lines() -> list[dict[str, object]]:
        return [record.fields for record in caplog.records if hasattr(record, "fields")]

    wait_until(lambda: len(lines()) == 3)  # a line is written behind the answer
    assert [(line["method"], line["path"], line["status"]) for line in lines()] == [
        ("GET", "/api/runs", 401),
        ("POST", "/api/trainings", 401),
        ("GET", "/query/cliAuthToken/...", 200),
    ]
    assert secret not in caplog.text + str(lines())


def test_every_answer_and_its_line_have_an_id(
    client: httpx.Client,
    keyed: httpx.Client,
    caplog: pytest.LogCaptureFixture,
    wait_until: Callable[[Callable[[], bool]], None],
) -> None:
    caplog.set_level(logging.INFO, "epochal")
    caplog.handler.setFormatter(Formatter())
    sent = {"X-Request-Id": "chosen-by-a-stranger"}
    answers = [
        client.get("/health", headers=sent),
        client.get("/api/me"),  # 401
        keyed.get("/api/nothing-here"),  # 404
        client.get("/health", headers={"Host": "evil.example"}),  # 421
        client.get("/", headers=sent),
    ]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    wait_until(lambda: caplog.text.count(" info request ") == len(ids))
    lines = caplog.text.splitlines()
    for request_id, answer in zip(ids, answers, strict=True):
        assert (
            sum(f"status={answer.status_code} " in line and line.endswith(f"request_id={request_id}") for line in lines)
            == 1
        )
    assert "chosen" not in caplog.text
