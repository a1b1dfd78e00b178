"""Importers: each looks for one format in a folder and gives its `Annotations`. Begin with `voc.py`, the shortest.

An importer that finds nothing of its format gives `Annotations` without sources. It knows layouts: which file belongs
to which image, and where splits and class names stand. What a text means, `formats/` knows.
"""

from collections.abc import Callable

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder
from epochal.datasets.importers.coco import import_coco
from epochal.datasets.importers.table import import_table
from epochal.datasets.importers.voc import import_voc
from epochal.datasets.importers.yolo import import_yolo

Importer = Callable[[Folder], Annotations]

# In the order in which ties are broken.
IMPORTERS: tuple[Importer, ...] = (import_coco, import_voc, import_yolo, import_table)
