"""What is sent is taken as it is written, not guessed at. Run: pytest tests/server/test_request_forms.py."""

import httpx
import pytest

from epochal.server.serving import ServerThread

WORKSPACE = "/api/workspaces/my-workspace"


@pytest.mark.parametrize(
    ("path", "sent", "told"),
    [
        ("projects", {"name": "x", "is_public": 0}, "body.is_public: Input should be a valid boolean"),
        ("projects", {"name": "x", "is_public": "yes"}, "body.is_public: Input should be a valid boolean"),
        ("credits", {"credits": "3"}, "body.credits: expected a whole number; got '3', which is none"),
        ("credits", {"credits": True}, "body.credits: expected a whole number; got 'True', which is none"),
        ("credits", {"credits": 2.5}, "body.credits: Input should be a valid integer"),
        ("models/any/infer", {"images": [{"url": "x"}], "confidence": "0.5"}, "body.confidence: Input should be a"),
    ],
)
def test_a_value_of_another_type__is_refused_by_name(
    keyed: httpx.Client, path: str, sent: dict[str, object], told: str
) -> None:
    answer = keyed.post(f"{WORKSPACE}/{path}", json=sent)
    assert answer.status_code == 422
    assert told in answer.json()["error"]["message"]


def test_a_whole_number_with_a_point__is_a_whole_number(keyed: httpx.Client) -> None:
    before = keyed.get(f"{WORKSPACE}/credits").json()["balance"]
    answer = keyed.post(
        f"{WORKSPACE}/credits", content='{"credits": 2.0}', headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["balance"]) == (201, before + 2)


def test_description__names_each_form_by_one_word_of_its_own(server: ServerThread) -> None:
    """Two classes of one name would be told apart by the modules they are in, which nobody outside knows."""
    names = list(server.app.openapi()["components"]["schemas"])
    assert names
    assert [name for name in names if not name.isalnum()] == []


@pytest.mark.parametrize(
    ("method", "path", "query", "name"),
    [
        ("GET", "/api/runs", "archived=true&archived=false", None),  # nothing asks for it
        ("GET", f"{WORKSPACE}/inference-stats", "minutes=5&minutes=60", "minutes"),
        ("POST", f"{WORKSPACE}/models/any/infer/image", "confidence=0.1&confidence=0.9", "confidence"),
        ("POST", "/api/worker/journal", "first=x&first=0", "first"),
    ],
)
def test_a_parameter_that_comes_twice__is_refused_where_one_is_meant(
    keyed: httpx.Client, method: str, path: str, query: str, name: str | None
) -> None:
    answer = keyed.request(method, f"{path}?{query}", content=b"" if method == "POST" else None)
    if name is None:
        assert answer.status_code == 200
        return
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == f"The parameter {name!r} came 2 times; expected it once."


def test_a_parameter_that_is_a_list__may_come_often(keyed: httpx.Client) -> None:
    described = keyed.get("/api/compare?run=a&run=b")
    assert described.status_code == 404, "there are no such runs, and both were looked for"
    assert "came 2 times" not in keyed.post(f"{WORKSPACE}/models/any/infer/image?classes=a&classes=b").text
