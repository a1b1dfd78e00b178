"""Files of a run, by a closed list of names. Run: pytest tests/server/test_files.py."""

import itertools
from pathlib import Path

import httpx
import pytest

CANARY = "canary-7f3a"
SEPARATORS = ["/", "%2f", "%252f", "\\", "%5c", "%c0%af", ";/", "/./", "//"]
UPS = ["..", "%2e%2e", "%252e%252e", ".%2e", "..;", "..%00", "...", "%uff0e%uff0e"]


@pytest.fixture
def files(run: Path) -> Path:
    for folder in ("weights", "examples"):
        (run / folder).mkdir()
    (run / "log.txt").write_text("a line\n")
    (run / "graph.html").write_text("<script>alert(1)</script>")
    (run / "weights" / "best.pt").write_bytes(b"weights")
    (run / "examples" / "0.jpg").write_bytes(b"\xff\xd8 not HTML: <script>")
    (run / "checkpoint.pt").write_text(CANARY)
    (run / "secret.txt").write_text(CANARY)
    (run.parent.parent / "secret.txt").write_text(CANARY)
    return run


@pytest.mark.parametrize(
    ("name", "content_type", "disposition"),
    [
        ("log.txt", "text/plain; charset=utf-8", 'inline; filename="cells-1-log.txt"'),
        ("weights/best.pt", "application/octet-stream", 'attachment; filename="cells-1-best.pt"'),
        ("examples/0.jpg", "image/jpeg", 'inline; filename="cells-1-0.jpg"'),
        ("recipe.json", "application/json", 'inline; filename="cells-1-recipe.json"'),
    ],
)
def test_get_file__says_what_it_is(
    keyed: httpx.Client, files: Path, name: str, content_type: str, disposition: str
) -> None:
    answer = keyed.get(f"/api/runs/cells-1/files/{name}")
    assert answer.content == (files / name).read_bytes()
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_get_file__puts_the_report_into_a_sandbox(keyed: httpx.Client, files: Path) -> None:
    policy = keyed.get("/api/runs/cells-1/files/graph.html").headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy


def test_get_file__that_is_not_written_yet(keyed: httpx.Client, files: Path) -> None:
    answer = keyed.get("/api/runs/cells-1/files/weights/best.onnx")
    assert answer.status_code == 404
    assert "yet" in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["checkpoint.pt", "secret.txt", "stop", "progress.json", "launch.json", "weights", ""])
def test_get_file__outside_the_list_is_none(keyed: httpx.Client, files: Path, name: str) -> None:
    answer = keyed.get(f"/api/runs/cells-1/files/{name}")
    assert answer.status_code == 404
    assert CANARY not in answer.text


def test_get_file__never_leads_out_of_the_run(keyed: httpx.Client, files: Path) -> None:
    outside = [f"{up}{sep}" * depth for up, sep, depth in itertools.product(UPS, SEPARATORS, (1, 2))]
    outside += ["examples/" + way for way in outside] + ["", "/", "examples/0.jpg/../../", "file:///"]
    names = [way + "secret.txt" for way in outside] + [str(files / "secret.txt"), "secret.txt%00.jpg", "secret.txt#x"]
    for name in names:
        answer = keyed.get(f"/api/runs/cells-1/files/{name}")
        assert CANARY not in answer.text, name
        assert answer.status_code == 404, name


def test_get_file__follows_no_link_out_of_the_run(keyed: httpx.Client, files: Path) -> None:
    (files / "log.txt").unlink()
    (files / "log.txt").symlink_to(files.parent.parent / "secret.txt")
    (files / "examples" / "1.jpg").symlink_to(files.parent.parent / "secret.txt")
    for name in ("log.txt", "examples/1.jpg"):
        assert keyed.get(f"/api/runs/cells-1/files/{name}").status_code == 404


def test_get_file__of_an_empty_one(keyed: httpx.Client, files: Path) -> None:
    (files / "log.txt").write_bytes(b"")
    answer = keyed.get("/api/runs/cells-1/files/log.txt")
    assert (answer.status_code, answer.content) == (200, b"")
