"""`epochal key`. Run: pytest tests/cli/test_key.py."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from epochal.server.app import create_app
from epochal.server.serving import ServerThread, bind


def _key(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "epochal", "key", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_key__is_made_before_the_first_start_and_while_a_server_runs(tmp_path: Path) -> None:
    folder = ["--data-dir", str(tmp_path / "data")]
    before = json.loads(_key("create", *folder, "--json").stdout)
    with ServerThread(create_app(tmp_path / "data"), bind("127.0.0.1", 0)) as server:
        during = json.loads(_key("create", *folder, "--json", "--scope", "read", "--scope", "infer").stdout)
        for made in (before, during):
            answer = httpx.post(server.address, params={"api_key": made["key"]}, trust_env=False)
            assert answer.json()["workspace"] == made["workspace"] == "my-workspace"
        assert during["scopes"] == ["read", "infer"]
        listed = _key("list", *folder).stdout
        assert before["id"] in listed
        assert before["key"] not in listed
        assert _key("revoke", before["id"], *folder).returncode == 0
        assert "revoked" in _key("list", *folder).stdout
        headers = {"Authorization": f"Bearer {_key('create', *folder).stdout.strip()}"}
        there = f"{server.address}/api/workspaces/my-workspace/audit"
        lines = httpx.get(there, headers=headers, trust_env=False).json()["entries"]
        assert {line["who"] for line in lines} == {"the command line on this machine"}
        assert [line["action"] for line in lines] == ["key.create", "key.revoke", "key.create", "key.create"]
        assert before["id"] in {line["subject"] for line in lines if line["action"] == "key.revoke"}
        assert not any(made["key"] in str(lines) for made in (before, during))


@pytest.mark.parametrize(
    ("words", "sentence"), [(["--workspace", "none"], "no workspace"), (["--scope", "fly"], "read, write, train")]
)
def test_key__refuses_with_a_sentence(tmp_path: Path, words: list[str], sentence: str) -> None:
    done = _key("create", "--data-dir", str(tmp_path / "data"), *words)
    assert (done.returncode, sentence in done.stderr, "Traceback" in done.stderr) == (2, True, False)
