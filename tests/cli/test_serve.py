"""`epochal serve` as a person runs it. Run: pytest tests/cli/test_serve.py."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

SERVE = [sys.executable, "-m", "epochal", "serve"]


def test_serve__answers_ends_with_ctrl_c_and_says_where(tmp_path: Path) -> None:
    command = [*SERVE, "--port", "0", "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.readline()
        address = next(word for word in said.split() if word.startswith("http://127.0.0.1:"))
        assert str(tmp_path / "data") in said
        assert httpx.get(f"{address}/health", trust_env=False).json()["status"] == "ok"
        assert httpx.get(f"{address}/api/runs", trust_env=False).status_code == 401
        page = process.stdout.readline().split()[-1]
        assert page.startswith(f"{address}/#/sign-in?token=")
        with httpx.Client(base_url=address, trust_env=False) as browser:
            for status in (200, 401):  # it works once
                answer = browser.post("/api/sign-in/link", json={"token": page.partition("token=")[2]})
                assert answer.status_code == status
            assert browser.get("/api/runs").json() == {"runs": []}
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        log = process.stderr.read()
    assert "path=/health status=200" in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--host", "0.0.0.0"], "epochal workspace password"),
        (["--host", "no such host"], "epochal workspace password"),
        (["--data-dir", __file__], "is a file"),
        (["--port", "65536"], "65535"),
    ],
)
def test_serve__refuses_with_a_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPOCHAL_DATA_DIR", str(tmp_path / "data"))
    done = subprocess.run([*SERVE, "--port", "0", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
