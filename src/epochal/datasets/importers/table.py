"""CSV: tables with a box a row; a table named for a split gives its images that split."""

import csv
import io
import posixpath
import re

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder, split_of_folders, split_of_word
from epochal.datasets.formats.encoding import decode_text
from epochal.datasets.formats.table import ONLY_CLASS, Table, TableRow, is_table_header, parse_table

_CODE = re.compile(r"/[a-z]/\w+")


def import_table(folder: Folder) -> Annotations:
    """Read all tables of boxes in a folder."""
    tables: list[tuple[str, Table]] = []
    others: list[str] = []
    for name in folder.with_suffix(".csv", ".tsv", ".txt"):
        table = _read(folder, name)
        if table is not None:
            folder.claimed.add(name)
            tables.append((name, table))
        elif not name.lower().endswith(".txt"):
            others.append(name)
    tables.sort(key=lambda pair: (_split_of(pair[0]) is None, -len(pair[1].rows)))
    normalised = bool(tables) and tables[0][1].normalised
    found = Annotations("csv", normalised=normalised)
    for name, table in tables:
        if table.normalised == normalised:
            _add(found, folder, name, table)
        else:
            found.notes.append(f"{name} measures boxes in another unit than {tables[0][0]}; it is left aside.")
    _name_classes(found, folder, others)
    found.sort_classes()
    return found


def _read(folder: Folder, name: str) -> Table | None:
    """The table in a file; a text that is no `.csv` must have a header or speak of an image that is there."""
    if not name.lower().endswith(".txt"):
        return parse_table(folder.read_text(name))
    if name in folder.claimed or not re.search(r"[,;\t|]", decode_text(folder.read_head(name)).partition("\n")[0]):
        return None
    text = folder.read_text(name)
    table = parse_table(text)
    if table is None or is_table_header(text):
        return table
    return table if folder.find_image(table.rows[0].image, posixpath.dirname(name)) is not None else None


def _name_classes(found: Annotations, folder: Folder, others: list[str]) -> None:
    """Put words in the place of Open Images' codes, such as /m/01yrx, where a table beside says what they mean."""
    if not any(_CODE.fullmatch(name) for name in found.class_names):
        return
    words: dict[str, str] = {}
    for other in others:
        for cells in csv.reader(io.StringIO(folder.read_text(other), newline="")):
            if len(cells) == 2 and _CODE.fullmatch(cells[0].strip()):
                words[cells[0].strip()] = cells[1].strip()
    names = [words.get(name) or name for name in found.class_names]
    if len(set(names)) == len(names):
        found.set_class_names(names)


def _split_of(name: str) -> str | None:
    return split_of_word(posixpath.splitext(posixpath.basename(name))[0]) or split_of_folders(name)


def _add(found: Annotations, folder: Folder, name: str, table: Table) -> None:
    source, near, split = found.add_source(name), posixpath.dirname(name), _split_of(name)
    if not table.has_classes:
        example = f"{name} has no column of classes; every box is of the class {ONLY_CLASS!r}"
        found.findings.add("class_names_missing", "mended", example)
    commas = (f"{name} line {line}" for line in table.with_commas)
    found.findings.add_many("comma_for_point", "mended", len(table.with_commas), commas)
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
    if row.class_name.casefold() in ("", "nan"):
        where = f"{found.sources[source]} line {row.line}"
        found.findings.add("annotation_without_class", "skipped", f"{where} has no class")
        return
    found.add_box(image, found.class_id_of(row.class_name), row.box_xyxy, source=source, place=row.line)
