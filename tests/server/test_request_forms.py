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
        ("credits", {"credits": "3"}, "body.credits: Value error, expected a whole number; got '3', which is none"),
        ("credits", {"credits": True}, "body.credits: Value error, expected a whole number; got 'True', which is none"),
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
