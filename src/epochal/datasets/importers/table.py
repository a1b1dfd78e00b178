"""CSV: tables with a box a row; a table named for a split gives its images that split."""

import posixpath

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder, split_of_folders, split_of_word
from epochal.datasets.formats.table import ONLY_CLASS, Table, TableRow, parse_table


def import_table(folder: Folder) -> Annotations:
    """Read all tables of boxes in a folder."""
    tables: list[tuple[str, Table]] = []
    for name in folder.with_suffix(".csv", ".tsv"):
        table = parse_table(folder.read_text(name))
        if table is not None:
            tables.append((name, table))
    tables.sort(key=lambda pair: (_split_of(pair[0]) is None, -len(pair[1].rows)))
    normalised = bool(tables) and tables[0][1].normalised
    found = Annotations("csv", normalised=normalised)
    for name, table in tables:
        if table.normalised == normalised:
            _add(found, folder, name, table)
        else:
            found.notes.append(f"{name} measures boxes in another unit than {tables[0][0]}; it is left aside.")
    found.sort_classes()
    return found


def _split_of(name: str) -> str | None:
    return split_of_word(posixpath.splitext(posixpath.basename(name))[0]) or split_of_folders(name)


def _add(found: Annotations, folder: Folder, name: str, table: Table) -> None:
    source, near, split = found.add_source(name), posixpath.dirname(name), _split_of(name)
    if not table.has_classes:
        example = f"{name} has no column of classes; every box is of the class {ONLY_CLASS!r}"
        found.findings.add("class_names_missing", "mended", example)
    before = len(found.images)
    paths: dict[tuple[str, str | None], str | None] = {}
    again: set[str] = set()
    for row in table.rows:
        own = split_of_word(row.split) or split
        if (row.image, own) not in paths:
            paths[row.image, own] = folder.find_image(row.image, near, own)
        path = paths[row.image, own]
        if path is None:
            found.findings.add("annotation_without_image", "skipped", f"{name} line {row.line}: no image {row.image}")
        elif found.is_among(path, before):
            again.add(path)
        else:
            _add_row(found, path, source, row, own)
    if again:
        found.notes.append(
            f"{name} describes {len(again)} images that another table describes too; it is not used for them."
        )


def _add_row(found: Annotations, path: str, source: int, row: TableRow, split: str | None) -> None:
    image = found.add_image(path, split=split, declared_wh=row.image_wh)
    if row.box_xyxy is None:
        return
    if not row.class_name:
        where = f"{found.sources[source]} line {row.line}"
        found.findings.add("annotation_without_class", "skipped", f"{where} has no class")
        return
    found.add_box(image, found.class_id_of(row.class_name), row.box_xyxy, source=source, place=row.line)
