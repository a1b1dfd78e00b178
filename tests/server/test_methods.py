"""Addresses name all methods that they take. Run: pytest tests/server/test_methods.py."""

import httpx
import pytest


@pytest.mark.parametrize(
    ("method", "path", "takes"),
    [
        ("GET", "/api/sign-in/link", "POST"),  # a GET would be the app's, were there nothing
        ("GET", "/api/workspaces", "POST"),
        ("OPTIONS", "/api/me", "GET, PATCH"),
        ("DELETE", "/api/workspaces/my-workspace/projects", "GET, POST"),
        ("PUT", "/api/workspaces/my-workspace/models/any", "DELETE, GET, PATCH"),
        ("PATCH", "/api/workspaces/my-workspace/projects/any/images/delete", "POST"),  # no image is called so
        ("DELETE", "/api/workspaces/my-workspace/projects/any/batches/merge", "POST"),
    ],
)
def test_other_methods__are_answered_with_all_that_the_address_takes(
    client: httpx.Client, method: str, path: str, takes: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, takes)
    assert answer.json()["error"] == {
        "code": "method_not_allowed",
        "message": f"{path} does not take {method}; it takes {takes}.",
    }


def test_an_address_of_nothing__is_not_there(client: httpx.Client) -> None:
    answer = client.get("/api/nothing/here")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "Allow" not in answer.headers
