"""Commands run in the dataset's own folder leave files there; they are no data. Run: pytest this file."""

from pathlib import Path
from typing import Any

import pytest

from epochal.datasets import open_dataset
from epochal.errors import DatasetError
from epochal.versions import generate_version, parse_settings, plan_version

Draw = Any


@pytest.mark.parametrize("data_dir", ["epochal-data", "work/of mine"])
def test_versions_below_a_dataset__are_not_read_with_it(draw: Draw, data_dir: str) -> None:
    for name in ("a", "b", "c", "d"):
        draw.image(f"{name}.jpg")
        draw.voc(f"{name}.xml", [(10, 20, 40, 60)])
    before = open_dataset(draw.root)
    settings = parse_settings(
        {"preprocessing": {"resize": {"width": 50, "height": 40, "format": "Stretch to"}}}, "test"
    )
    versions = draw.root / data_dir / "versions"
    made = [generate_version(plan_version(open_dataset(draw.root), settings), versions, name=str(n)) for n in (1, 2)]
    after = open_dataset(draw.root)
    assert made[0].path == made[1].path  # the second saw the same images, so there is nothing new to make
    assert [image.name for image in after.images] == [image.name for image in before.images]
    assert (after.format, after.findings) == ("voc", before.findings)
    assert [note for note in after.notes if "left aside" in note] == [
        f"{data_dir if data_dir == 'epochal-data' else data_dir + '/versions'} was left aside: "
        "Epochal made what lies there."
    ]
    assert open_dataset(made[0].path).format == "coco"  # asked for by its own path, it is a dataset


def test_run_and_server_folders_below_a_dataset__are_left_aside(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [(10, 20, 40, 60)])
    for name in ("run/recipe.json", "run/metrics.jsonl", "served/epochal.sqlite"):
        draw.text(name, "{}")
    for name in ("run/examples/0.jpg", "served/datasets/other/b.jpg"):
        draw.image(name)
    assert [image.name for image in open_dataset(draw.root).images] == ["a.jpg"]
    assert [image.name for image in open_dataset(draw.root / "run").images] == ["examples/0.jpg"]
    (draw.root / "only").mkdir()
    (draw.root / "run").rename(draw.root / "only" / "run")
    with pytest.raises(DatasetError, match="holds no images"):
        open_dataset(Path(draw.root / "only"))
