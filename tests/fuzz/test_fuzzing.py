"""Random requests, right and wrong, to every native route. Run: pytest tests/fuzz [-m soak].

schemathesis makes them from the server's own description and holds every answer against it: no 5xx, status and content
type that are described, bodies of the described form, what breaks the schema is refused, other methods get 405.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fuzz.filled_platform import FilledPlatform, describe, errors_in

# What a valid body must be beyond its schema (an address that is one, a model that is there) is said with 400.
UNUSED_CHECKS = "positive_data_acceptance"
ENDLESS = "/events$"  # a stream; tests/server/test_feeds.py
OF_PEOPLE = "^/api/(me|workspaces|universe/.*/featured)$"
OF_WORKERS = "^/api/worker/"
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, draw_shapes: Any) -> Iterator[FilledPlatform]:
    folder = tmp_path_factory.mktemp("fuzzed")
    shapes = draw_shapes(folder / "shapes", train=16, val=6, test=4, side=64)
    made = FilledPlatform(folder / "data", shapes)
    yield made
    made.stop()


def fuzz(platform: FilledPlatform, header: str, paths: str, folder: Path, *more: str) -> str:
    """Run schemathesis over the routes whose paths match; what it said. Fails when anything is found."""
    description = folder / "openapi.json"
    description.write_text(json.dumps(describe(platform.address, platform.things)))
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", str(description), "--url", platform.address,
        "--header", header, "--include-path-regex", paths, "--exclude-path-regex", ENDLESS, "--checks", "all",
        "--exclude-checks", UNUSED_CHECKS, "--continue-on-failure", "--request-timeout", "60",
        "--max-response-time", "60", "--no-color",  # a busy machine may take its time, most of all for OpenVINO
        "--warnings", "off", *more,
    ]  # fmt: skip
    variables = {**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS), "PYTHONPATH": str(HOOKS.parent)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=variables)
    said = "\n".join(line[:1000] for line in (done.stdout + done.stderr).splitlines())
    assert done.returncode == 0, said
    assert errors_in(platform.data_dir / "server.log") == []
    return said


def fuzz_all(platform: FilledPlatform, folder: Path, *more: str, seconds: int | None = None) -> list[str]:
    """All routes with a key that may do all, those of people with a session, those of workers with a worker's key."""
    said = []
    for header, paths, share in (
        (f"Authorization: Bearer {platform.key}", "^/", 0.8),
        (f"Cookie: {platform.sign_in()}", OF_PEOPLE, 0.1),
        (f"Authorization: Bearer {platform.begin_attempt()}", OF_WORKERS, 0.1),
    ):
        limit = () if seconds is None else ("--max-time", str(round(seconds * share)))
        said.append(fuzz(platform, header, paths, folder, *more, *limit))
    return said


def test_requests__of_any_kind_are_answered_as_described(platform: FilledPlatform, tmp_path: Path) -> None:
    fuzz_all(platform, tmp_path, "--phases", "fuzzing", "--max-examples", "1", "--generation-deterministic")


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_requests__of_any_kind_for_ten_minutes(platform: FilledPlatform, tmp_path: Path) -> None:
    seed = os.environ.get("EPOCHAL_FUZZ_SEED", str(random.randrange(2**31)))  # what is found is shown with its seed
    fuzz_all(platform, tmp_path, "--seed", seed, "--generation-database", "none", seconds=600)
