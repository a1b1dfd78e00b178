"""Names become folders, paths never do. Run: pytest tests/jobs/test_data_folder.py."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from epochal.errors import BadInput, NotFound
from epochal.jobs.data_folder import DataFolder


def test_datasets__lists_folders_and_zips_and_nothing_else(data: DataFolder) -> None:
    (data.datasets_folder / "boxes.zip").write_bytes(b"PK")
    (data.datasets_folder / "notes.txt").write_text("")
    (data.datasets_folder / ".half-written").mkdir()
    assert [entry.name for entry in data.datasets()] == ["boxes.zip", "cells"]


def test_datasets__of_a_folder_that_is_not_there_are_none(tmp_path: Path) -> None:
    assert DataFolder(tmp_path / "new").datasets() == []
    assert DataFolder(tmp_path / "new").run_folders() == []


def test_datasets__leaves_out_a_link_that_leads_outside(
    data: DataFolder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (data.datasets_folder / "elsewhere").symlink_to(outside)
    (data.datasets_folder / "alias").symlink_to(data.datasets_folder / "cells")
    assert [entry.name for entry in data.datasets()] == ["alias", "cells"]
    with pytest.raises(NotFound, match="elsewhere"):
        data.dataset("elsewhere")


@pytest.mark.parametrize("name", ["", ".", "..", "../datasets/cells", "cells/", "/etc", "cells\0", "./cells", "Cells"])
def test_dataset__takes_a_name_and_never_a_path(data: DataFolder, name: str) -> None:
    with pytest.raises(NotFound, match="there are: cells"):
        data.dataset(name)


@pytest.mark.parametrize(
    "run_id", ["ä" * 200, "", ".", "..", "../datasets", "a/b", "a\\b", "a\0b", "/etc", ".hidden", "gone-1"]
)
def test_run_folder__takes_an_id_and_never_a_path(data: DataFolder, run_id: str) -> None:
    (data.runs_folder / ".hidden").mkdir()
    with pytest.raises(NotFound):
        data.run_folder(run_id)


def test_new_run_folder__counts_on_from_the_highest(data: DataFolder) -> None:
    for name in ("cells-2", "cells-x", "cells-b-9"):
        (data.runs_folder / name).mkdir()
    assert data.new_run_folder("cells").name == "cells-3"
    assert data.new_run_folder("cells-b").name == "cells-b-10"


@pytest.mark.parametrize(
    ("dataset", "folder"),
    [
        ("my photos", "my-photos-1"),
        ("boxes.zip", "boxes-1"),
        ("черви", "dataset-1"),
        ("..", "dataset-1"),
        ("a.b", "a.b-1"),
    ],
)
def test_new_run_folder__has_a_name_that_is_plain_in_an_address(data: DataFolder, dataset: str, folder: str) -> None:
    assert data.new_run_folder(dataset).name == folder


def test_new_run_folder__never_gives_one_folder_to_two(data: DataFolder) -> None:
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: data.new_run_folder("cells"), range(40)))
    assert len({folder.name for folder in folders}) == 40


def test_data_folder__that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="expected a folder"):
        DataFolder(tmp_path / "file")
