"""Fixtures that several test folders share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real datasets and logs: `EPOCHAL_TEST_DATA`, else `../shared` beside the checkout."""
    folder = Path(os.environ.get("EPOCHAL_TEST_DATA", Path(__file__).parents[2] / "shared"))
    if (folder / "datasets").is_dir():
        return folder
    reason = f"needs real datasets in {folder}; set EPOCHAL_TEST_DATA to a folder that has them"
    if os.environ.get("EPOCHAL_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
