"""Listening, starting and ending. Run: pytest tests/server/test_serving.py."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pydantic
import pytest
from pydantic import TypeAdapter

from epochal.errors import BadInput
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.states import read_state
from epochal.server.app import create_app, make_routes_ready
from epochal.server.services import open_database
from epochal.server.serving import ServerThread, address_of, bind
from epochal.workspaces.keys import create_key
from epochal.workspaces.workspaces import ensure_first_workspace

FAKE_TRAINER = (sys.executable, str(Path(__file__).parents[1] / "jobs" / "fake_trainer.py"))
SERVE = f"""
import sys
from pathlib import Path
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.launcher import Launcher
from epochal.server.app import create_app, make_routes_ready
from epochal.server.serving import address_of, bind, serve
root = Path(sys.argv[1])
listening = bind("127.0.0.1", 0)
app = create_app(root, launcher=Launcher(DataFolder(root), command={FAKE_TRAINER!r}))
serve(app, listening, on_ready=lambda: print(address_of(listening), flush=True))
"""


def key_for(root: Path) -> dict[str, str]:
    """Headers with a new key of the first workspace of a data folder, whose server may be running."""
    database = open_database(DataFolder(root))
    with database.write() as session:
        key, _ = create_key(session, ensure_first_workspace(session).id)
    database.close()
    return {"Authorization": f"Bearer {key}"}


def test_import__leaves_torch_out() -> None:
    code = "import sys, epochal.server.app, epochal.server.serving; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_bind__takes_a_free_port_and_refuses_a_taken_one() -> None:
    with bind("localhost", 0) as listening:
        listening.listen()
        port = listening.getsockname()[1]
        assert address_of(listening) == f"http://127.0.0.1:{port}"
        assert listening.proto == socket.IPPROTO_TCP  # or every answer waits for a delayed ACK
        with pytest.raises(BadInput, match="another program listens there"):
            bind("127.0.0.1", port)


def test_bind__refuses_an_address_that_others_can_reach() -> None:
    with pytest.raises(BadInput, match="epochal workspace password"):
        bind("0.0.0.0", 0)
    with bind("0.0.0.0", 0, has_password=True) as listening:
        assert address_of(listening).startswith(f"http://{socket.gethostname()}:")


def test_address_of__an_ipv6_socket_has_brackets() -> None:
    try:
        listening = bind("::1", 0)
    except BadInput as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    with listening:
        assert address_of(listening).startswith("http://[::1]:")


def test_server__makes_its_validators_before_the_first_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    with ServerThread(create_app(tmp_path), bind("127.0.0.1", 0)) as server:
        make = TypeAdapter.__init__
        monkeypatch.setattr(
            TypeAdapter, "__init__", lambda *given, **named: (made.append(given), make(*given, **named))[1]
        )
        paths = ("/api/nowhere/at/all", "/dataset/none/upload", "/nothing/here")
        answers = [httpx.get(f"{server.address}{path}", trust_env=False).status_code for path in paths]
    assert answers[0] == 404
    assert made == [], "whoever asks meanwhile waits for them"


def test_serve__does_not_look_for_garbage_in_what_the_start_made(tmp_path: Path) -> None:
    told = "print(address_of(listening), flush=True)"
    looked = SERVE.replace(told, "print(gc.isenabled(), gc.get_freeze_count(), flush=True)")
    command = (sys.executable, "-c", f"import gc{looked}", tmp_path)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        is_enabled, frozen = str(process.stdout.readline()).split()
        process.terminate()
    assert is_enabled == "True"
    assert int(frozen) > 100_000


def test_server__ends_though_somebody_listens(data: DataFolder, run: Path) -> None:
    ended = threading.Event()

    def listen(address: str) -> None:
        events = f"{address}/api/runs/cells-1/events"
        with httpx.stream("GET", events, timeout=20, trust_env=False, headers=key_for(data.root)) as answer:
            for _ in answer.iter_lines():
                listening.set()
        ended.set()

    listening = threading.Event()
    with ServerThread(create_app(data.root), bind("127.0.0.1", 0)) as server:
        listener = threading.Thread(target=listen, args=(server.address,))
        listener.start()
        assert listening.wait(20)
        begun = time.monotonic()
    assert time.monotonic() - begun < 3
    assert ended.wait(5)  # cleanly: a stream that is cut would raise in the listener
    listener.join()


def test_serve__ends_with_ctrl_c_and_its_trainings_go_on(
    data: DataFolder, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    environment = {**os.environ, "FAKE_EPOCH_S": "0.3"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(data.root)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        asked = {"dataset": "cells", "epochs": 12}
        answer = httpx.post(f"{address}/api/trainings", json=asked, trust_env=False, headers=key_for(data.root))
        assert answer.status_code == 201
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everything that runs in it
        assert process.wait(10) == 0
    folder = data.run_folder("cells-1")
    assert read_state(folder, now=0, stall_after_s=1e12).is_alive
    wait_until(lambda: read_state(folder, now=0, stall_after_s=1e12).state == "finished")


def test_make_routes_ready__leaves_nothing_for_the_first_visitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    make = pydantic.TypeAdapter.__init__

    def count(adapter: object, *args: object, **kwargs: object) -> None:
        made.append(adapter)
        make(adapter, *args, **kwargs)

    monkeypatch.setattr(pydantic.TypeAdapter, "__init__", count)
    app = create_app(tmp_path)

    async def visit() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return (await client.get("/")).status_code

    make_routes_ready(app)
    assert len(made) > 100  # the forms of all routes; FastAPI would have made them at the first request
    made.clear()
    assert asyncio.run(visit()) == 200
    assert made == []
