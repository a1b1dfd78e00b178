"""Lists of images named for a split: `train.txt`, `val.txt`, `test.txt`, whatever the boxes' format is."""

import posixpath

from epochal.datasets.folder import Folder, split_of_word


def read_split_lists(folder: Folder) -> dict[str, str]:
    """The split of each image that stands in such a list.

    Returns:
        {image: split}; empty when there is no list. A list counts when most of its lines are images of the folder.
    """
    splits: dict[str, str] = {}
    for name in folder.with_suffix(".txt", ".lst"):
        near, short = posixpath.split(name)
        split = split_of_word(posixpath.splitext(short)[0])
        if split is None:
            continue
        lines = [line.strip() for line in folder.read_text(name).splitlines() if line.strip()]
        images = [image for line in lines if (image := folder.find_image(line, near)) is not None]
        if len(images) * 2 > len(lines):
            for image in images:
                splits.setdefault(image, split)
    return splits
