"""The real clients against a real server; scripts run in an environment of their own, as they pin other versions."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-clients" / "bin" / "python"
EPOCHAL = (sys.executable, "-m", "epochal")
RunClient = Callable[..., str]


@dataclass(frozen=True)
class Platform:
    """A running server.

    Attributes:
        address: such as `http://127.0.0.1:8000`.
        key: of the first workspace, with all scopes.
        workspace: its slug.
        data_dir: its data folder.
    """

    address: str
    key: str
    workspace: str
    data_dir: Path


@pytest.fixture(scope="session")
def clients_python() -> Path:
    """The interpreter that has `roboflow` and `inference-sdk`; `make clients` makes it."""
    if PYTHON.exists():
        return PYTHON
    reason = f"needs the roboflow and inference-sdk packages in {PYTHON.parents[1]}; `make clients` installs them"
    if os.environ.get("EPOCHAL_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, clients_python: Path) -> Iterator[Platform]:
    """One server for all tests with clients; each test makes a project of its own."""
    folder = tmp_path_factory.mktemp("platform") / "data"
    made = subprocess.run(
        [*EPOCHAL, "key", "create", "--data-dir", str(folder), "--json"], capture_output=True, text=True, check=True
    )
    told = json.loads(made.stdout)
    command = [*EPOCHAL, "serve", "--port", "0", "--data-dir", str(folder)]
    log = folder / "server.log"
    environment = {**os.environ, "EPOCHAL_FETCH_ALLOW": "127.0.0.1"}  # images by URL are served by tests themselves
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment) as process,
    ):
        assert process.stdout is not None
        said = process.stdout.readline()
        address = next((word for word in said.split() if word.startswith("http://")), None)
        assert address is not None, log.read_text()
        yield Platform(address, told["key"], told["workspace"], folder)
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.fixture(scope="session")
def run_client(platform: Platform, clients_python: Path, tmp_path_factory: pytest.TempPathFactory) -> RunClient:
    """`run_client(code, *arguments)`: run a script in the clients' environment, pointed at the server.

    It finds KEY, WORKSPACE and ADDRESS in its environment and gives back what it printed; a failure shows all of it.
    """
    home = tmp_path_factory.mktemp("client")
    urls = ("API_URL", "OBJECT_DETECTION_URL", "INSTANCE_SEGMENTATION_URL", "SEMANTIC_SEGMENTATION_URL")
    urls += ("SERVERLESS_URL", "APP_URL", "UNIVERSE_URL", "DEDICATED_DEPLOYMENT_URL")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ROBOFLOW_", "RF_", "PYTHON"))},
        **dict.fromkeys(urls, platform.address),
        "ROBOFLOW_CONFIG_DIR": str(home / "config.json"),
        "HOME": str(home),
        "ADDRESS": platform.address,
        "KEY": platform.key,
        "WORKSPACE": platform.workspace,
        "NO_PROXY": "127.0.0.1",
    }

    def run(code: str, *arguments: str, timeout_s: float = 240) -> str:
        done = subprocess.run(
            [str(clients_python), "-c", code, *arguments],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        log = (platform.data_dir / "server.log").read_text()[-3000:]
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\nthe server's log ends with\n{log}"
        return done.stdout

    return run
