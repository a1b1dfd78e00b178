"""Importers: each looks for one format in a folder and gives its `Annotations`. Begin with `voc.py`, the shortest.

An importer that finds nothing of its format gives `Annotations` without sources. It knows layouts: which file belongs
to which image, and where splits and class names stand. What a text means, `formats/` knows.
"""

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder
from epochal.datasets.importers.coco import import_coco
from epochal.datasets.importers.records import import_records
from epochal.datasets.importers.table import import_table
from epochal.datasets.importers.voc import import_voc
from epochal.datasets.importers.yolo import import_yolo


def import_all(folder: Folder) -> list[Annotations]:
    """What each format says about a folder, in the order in which ties are broken."""
    return [import_coco(folder), import_voc(folder), import_yolo(folder), import_table(folder), *import_records(folder)]
