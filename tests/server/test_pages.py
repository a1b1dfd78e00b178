"""The web app's files. Run: pytest tests/server/test_pages.py."""

import os
from pathlib import Path

import httpx
import pytest

CANARY = "canary-91c2"


def test_pages__are_served_with_types_of_a_closed_table(client: httpx.Client, static: Path) -> None:
    (static / "assets" / "notes.exe").write_text(CANARY)
    index = client.get("/")
    assert (index.status_code, index.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert index.headers["Cache-Control"] == "no-cache"
    script = client.get("/assets/app-1.js")
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["Cache-Control"]
    assert client.get("/assets/notes.exe").status_code == 404


def test_pages__of_a_new_build_are_seen(client: httpx.Client, static: Path) -> None:
    assert client.get("/assets/app-2.js").status_code == 404
    (static / "assets" / "app-2.js").write_text("export {}")
    (static / "index.html").write_text("new")
    os.utime(static / "index.html", ns=(1, 1))
    assert client.get("/").text == "new"
    assert client.get("/assets/app-2.js").status_code == 200


def test_pages__say_what_to_do_when_the_app_is_not_built(client: httpx.Client, static: Path) -> None:
    (static / "index.html").unlink()
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make install" in answer.text


@pytest.mark.parametrize("way", ["../", "..%2f", "%2e%2e/", "assets/../../", "assets/..%2f..%2f", "..\\", "//", "%2f"])
def test_pages__never_lead_out_of_their_folder(client: httpx.Client, static: Path, way: str) -> None:
    (static.parent / "secret.js").write_text(CANARY)
    answer = client.get(f"/{way}secret.js")
    assert CANARY not in answer.text
    assert answer.status_code == 404


def test_pages__follow_no_link(client: httpx.Client, static: Path) -> None:
    (static.parent / "secret.js").write_text(CANARY)
    (static / "assets" / "link.js").symlink_to(static.parent / "secret.js")
    assert client.get("/assets/link.js").status_code == 404


def test_pages__take_no_other_method(client: httpx.Client) -> None:
    answer = client.put("/", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


def test_api_docs__lead_to_the_page_of_the_app(client: httpx.Client) -> None:
    answer = client.get("/api/docs")
    assert (answer.status_code, answer.headers["Location"]) == (307, "../#/api")
