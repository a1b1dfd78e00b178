"""Tables in other shapes, brought into the usual one (names above, a row for each epoch): drawn, turned, in HTML."""

import csv
import html
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

from epochal.graphs.readers.names import is_epoch, is_known, is_step, tidy
from epochal.graphs.readers.table import parse_number

DELIMITERS = (",", ";", "\t", "|")
LOOK_FOR_HEADER = 40
RULES = " |:-=+━─┡╇┩╞╪╡├┼┤═"  # what the lines between the rows of drawn tables consist of
_BARS = str.maketrans("│┃║", "|||")  # of tables that `rich` and others draw
_CORNERS = "┏┳┓╒╤╕┌┬┐╔╦╗└┴┘╘╧╛┗┻┛╚╩╝╠╬╣"
_FEWEST_TURNED, _MOST_TURNED = 3, 2_000  # columns, and rows, of a table with a row for each series
_PLACE = re.compile(r"(?:epoch|ep)?[ _.]*(\d{1,9})(?:\.0+)?", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(?:!doctype html|html|head|body|div|style|table)\b", re.IGNORECASE)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>table|tr|td|th|script|style)\b[^<>]{0,2000}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
_LARGEST_PAGE = 20_000_000


def is_page(lines: Sequence[str]) -> bool:
    """Whether a text is a page in HTML, or a part of one."""
    return _PAGE.match(next((line for line in lines if line.strip()), "")) is not None


def straighten(lines: list[str]) -> tuple[list[str], list[str]]:
    """Bring a table into the usual shape.

    Args:
        lines: of a file, or of its head; of a page in HTML all of them.

    Returns:
        The lines of the table, or those given when it has the usual shape; and sentences about what was done.
    """
    notes = []
    if is_page(lines):
        tables = list(_page_tables("\n".join(lines)))
        lines = max(tables, key=len, default=[])
        if len(tables) > 1:
            notes.append(f"The page holds {len(tables)} tables of losses or metrics; the longest of them was read.")
    turned = _turn(_undraw(lines))
    if turned is not None:
        notes.append("The table has a row for each series and a column for each epoch; it was turned.")
        return turned, notes
    return _undraw(lines), notes


def split_cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line; " " stands for any white space."""
    if delimiter == " ":
        return line.split()
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _undraw(lines: list[str]) -> list[str]:
    """Tables that are drawn with lines around their cells, as tables with bars; others as they are."""
    begin = next((line.lstrip() for line in lines[:LOOK_FOR_HEADER] if line.strip()), "")
    if begin[:1] not in "┏╒┌╔+" or begin.strip(RULES + _CORNERS):
        return lines
    return [line.translate(_BARS) for line in lines if line.strip(RULES + _CORNERS)]


def _turn(lines: list[str]) -> list[str] | None:
    """A table with a row for each series and a column for each epoch, turned; None for any other.

    Only where epochs are told, by the names of the columns or by a row: else the columns may be classes or trainings.
    """
    told = [line for line in lines[: _MOST_TURNED + 1] if line.strip() and not line.lower().startswith("sep=")]
    if not 2 <= len(told) <= _MOST_TURNED:
        return None
    delimiter = next((mark for mark in reversed(DELIMITERS) if told[0].count(mark) >= _FEWEST_TURNED), "")
    top = split_cells(told[0], delimiter) if delimiter else []
    if not top or _is_number(top[0], delimiter) or not all(_is_number(cell, delimiter) for cell in top[1:]):
        return None
    rows = [top, *(split_cells(line, delimiter) for line in told[1:])]
    places = [match[1] for cell in top[1:] if (match := _PLACE.fullmatch(tidy(cell)))]
    if len(places) == len(top) - 1 and all(int(a) < int(b) for a, b in pairwise(places)):
        rows[0] = [top[0] if is_step(top[0]) else "epoch", *places]
        if any(is_epoch(row[0]) for row in rows[1:]):  # pandas numbers the columns, and a row counts the epochs
            del rows[0]
    names = [tidy(row[0]) for row in rows]
    is_told = any(is_epoch(name) or is_step(name) for name in names) and any(map(is_known, names))
    cells = [_is_number(cell, delimiter) for row in rows for cell in row[1:] if cell.strip()]
    if not is_told or len(set(names)) < len(names) or any(map(_is_plain_number, names)) or 2 * sum(cells) < len(cells):
        return None
    return [_join(column, delimiter) for column in zip_longest(*rows, fillvalue="")]


def _is_number(cell: str, delimiter: str) -> bool:
    """Whether a cell holds a number, or the number of an epoch as "epoch 3"."""
    return parse_number(cell, decimal_comma=delimiter != ",") is not None or bool(_PLACE.fullmatch(tidy(cell)))


def _is_plain_number(name: str) -> bool:
    return parse_number(name) is not None


def _join(cells: Sequence[str], delimiter: str) -> str:
    return delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in cells)


def _page_tables(text: str) -> Iterator[list[str]]:
    """The tables of a page that tell losses or metrics, as lines of cells with commas between."""
    for rows in _all_tables(text) if len(text) <= _LARGEST_PAGE else ():
        names = {*rows[0], *(row[0] for row in rows)}
        known = sum(map(is_known, names))
        if known > 1 or (known and any(is_epoch(name) or is_step(name) for name in names)):
            yield [_join(row, ",") for row in rows]


def _all_tables(text: str) -> Iterator[list[list[str]]]:
    """The rows of each table; what a table inside a table holds is a table of its own."""
    rows: list[list[str]] = []
    begin: int | None = None  # of the cell that is open
    hidden = ""
    for tag in _TAG.finditer(text):
        name, ends = tag["name"].lower(), bool(tag["end"])
        if hidden or name in ("script", "style"):
            hidden = "" if ends and name == hidden else hidden or ("" if ends else name)
            continue
        if begin is not None and rows:
            inner = html.unescape(_ANY_TAG.sub(" ", text[begin : tag.start()]))
            rows[-1].append(" ".join(inner.replace('"', "").split()))
        begin = tag.end() if name in ("td", "th") and not ends else None
        if name == "tr" and not ends:
            rows.append([])
        elif name == "table":
            if any(rows):
                yield [row for row in rows if row]
            rows = []
    if any(rows):
        yield [row for row in rows if row]
