"""Contract §15: what there is none of is told in words. Run: pytest tests/server/roboflow/test_absent.py."""

import httpx
import pytest

from epochal.server.page_links import page_of

ABSENT = [
    ("GET", "/my-workspace/workflows", "workflows"),
    ("DELETE", "/my-workspace/workflows/some/thing", "workflows"),
    ("POST", "/my-workspace/workflows/some", "workflows"),
    ("POST", "/workflows/run", "workflows"),
    ("POST", "/infer/workflows/my-workspace/some", "workflows"),
    ("POST", "/infer/lmm", "nets other than detectors"),
    ("POST", "/clip/embed_image", "nets other than detectors"),
    ("POST", "/doctr/ocr", "nets other than detectors"),
    ("POST", "/sam2/segment_image", "nets other than detectors"),
    ("GET", "/my-workspace/groups", "folders"),
    ("GET", "/my-workspace/devices/v2", "devices"),
    ("GET", "/my-workspace/autolabel/models", "auto-labeling jobs"),
    ("GET", "/usage/plan", "epochal credits show"),
    ("GET", "/batch-processing/v1/external/my-workspace/jobs", "batch jobs"),
    ("POST", "/my-workspace/upload/video", "videos"),
]


@pytest.mark.parametrize(("method", "path", "word"), ABSENT)
def test_absent__is_told_in_words_where_clients_look(keyed: httpx.Client, method: str, path: str, word: str) -> None:
    answer = keyed.request(method, path)
    assert answer.status_code == 404, answer.text
    assert word in answer.json()["message"]
    assert answer.json()["error"]["message"] == answer.json()["message"]


@pytest.mark.parametrize("path", [path for _, path, word in ABSENT if word.startswith("nets")])
def test_absent_nets__are_told_to_a_key_in_the_body_too(client: httpx.Client, make_key: object, path: str) -> None:
    answer = client.post(path, json={"api_key": make_key(), "image": {}})
    assert answer.status_code == 404, answer.text
    assert client.post(path, json={"api_key": "wrong"}).status_code == 401


def test_a_project_called_clip_is_still_asked(keyed: httpx.Client) -> None:
    assert "No model 'clip/3'" in keyed.post("/clip/3", content=b"x").json()["message"]


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/my-workspace/cells/3"), ("POST", "/a/b/c/d/e")])
def test_what_no_route_takes_has_its_message_where_clients_look(keyed: httpx.Client, method: str, path: str) -> None:
    answer = keyed.request(method, path)
    assert answer.status_code in {404, 405}
    assert answer.json()["message"] == answer.json()["error"]["message"]


@pytest.mark.parametrize("number", ["abc", "0", "-1", "99999999999", "1.5"])
def test_a_word_that_is_no_number_is_a_version_that_is_not_there(keyed: httpx.Client, number: str) -> None:
    answer = keyed.get(f"/my-workspace/cells/{number}")
    assert answer.status_code == 404, answer.text


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/my-workspace", "/#/workspaces/my-workspace"),
        ("/my-workspace/cells", "/#/w/my-workspace/projects/cells"),
        ("/my-workspace/cells/3", "/#/w/my-workspace/projects/cells/versions/3"),
        ("/my-workspace/cells/model/3", "/#/w/my-workspace/projects/cells/versions/3"),
        ("/my-workspace/cells/models", "/#/w/my-workspace/projects/cells/deploy"),
        ("/settings", "/#/account"),
        ("/auth-cli/", "/#/account"),
        ("/my workspace/a#b", "/#/w/my%20workspace/projects/a%23b"),
        ("/runs/bccd 1/", "/#/runs/bccd%201"),
        ("/compare/a/b", "/#/compare/a/b"),
        ("/universe", "/#/universe"),
        ("/new", "/#/new"),
        ("/w/my-workspace/projects/cells/versions", "/#/w/my-workspace/projects/cells/versions"),
        ("/w/cells/3", "/#/w/w/projects/cells/versions/3"),
        ("/api/runs", None),
        ("/model/registry", None),
        ("/robots.txt", None),
    ],
)
def test_printed_addresses__lead_a_browser_to_the_page_they_mean(path: str, page: str | None) -> None:
    assert page_of(path) == page


def test_printed_addresses__are_the_api_for_who_comes_with_a_key(client: httpx.Client, keyed: httpx.Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    led = client.get("/my-workspace", headers=browser)
    assert (led.status_code, led.headers["Location"]) == (302, "/#/workspaces/my-workspace")
    assert client.get("/my-workspace").status_code == 401
    assert keyed.get("/my-workspace", headers=browser).json()["workspace"]["url"] == "my-workspace"
    key = keyed.headers["Authorization"].split()[1]
    assert client.get("/my-workspace", params={"api_key": key}, headers=browser).status_code == 200
