"""A log's numbers as columns, row by row in the order of its file, before any name has a meaning."""

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Column = tuple[NDArray[np.float64], NDArray[np.bool_]]

_ABSENT = {"", "none", "null", "na", "n/a", "-", "--", "nat", "<na>"}
_NOT_FINITE = {
    "nan": np.nan, "-nan": np.nan, "+nan": np.nan, "nan(ind)": np.nan, "-nan(ind)": np.nan, "1.#ind": np.nan,
    "-1.#ind": np.nan, "1.#qnan": np.nan, "1.#inf": np.inf, "-1.#inf": -np.inf, "∞": np.inf, "-∞": -np.inf,
    "#num!": np.nan, "#div/0!": np.nan, "#value!": np.nan,
}  # fmt: skip
_MOST_EPOCHS_APART = 20  # evaluations farther apart than this are not counted in epochs
_MOST_FALLS = 0.25  # of all rows may come behind a later epoch before the order is taken for somebody's sorting
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_TENSOR = re.compile(r"(?:tensor|array|np\.float\d*)\(\s*\[?\s*([^,)\]]+)")


class Table:
    """Columns that grow by rows; a column may have no value in a row, which is not the same as NaN."""

    def __init__(self) -> None:
        self.rows = 0
        self._values: dict[str, array[float]] = {}
        self._present: dict[str, bytearray] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    @property
    def names(self) -> list[str]:
        """Of the columns that have a value somewhere, in the order of their first."""
        return list(self._values)

    def add(self, row: Mapping[str, float]) -> None:
        """Append a row."""
        for name, value in row.items():
            values = self._values.get(name)
            if values is None:
                values = self._values[name] = array("d")
                self._present[name] = bytearray()
            present = self._present[name]
            if len(values) < self.rows:
                missing = self.rows - len(values)
                values.extend([np.nan] * missing)
                present.extend(bytes(missing))
            values.append(value)
            present.append(1)
        self.rows += 1

    def put(self, name: str, values: NDArray[np.float64]) -> None:
        """Set a column that has a value, be it NaN, in each row; the first column says how many rows there are."""
        self._values[name] = array("d", values.tobytes())
        self._present[name] = bytearray(b"\1") * len(values)
        self.rows = len(values)

    def take(self, name: str, other: "Table", source: str, rows: NDArray[np.int64]) -> None:
        """Set a column to some rows of another table's."""
        values, present = other.column(source)
        self._values[name] = array("d", values[rows].tobytes())
        self._present[name] = bytearray(present[rows].tobytes())
        self.rows = len(rows)

    def reorder(self, order: NDArray[np.int64]) -> None:
        """Put the rows in another order."""
        for name in self.names:
            values, present = self.column(name)
            self._values[name] = array("d", values[order].tobytes())
            self._present[name] = bytearray(present[order].tobytes())

    def column(self, name: str) -> Column:
        """Values (R,) float64 and present (R,) bool; without any value when there is no such column."""
        values = np.full(self.rows, np.nan)
        present = np.zeros(self.rows, np.bool_)
        if name in self._values:
            count = len(self._values[name])
            values[:count] = self._values[name]
            present[:count] = np.frombuffer(bytes(self._present[name]), np.bool_)
        return values, present


@dataclass
class Log:
    """What a reader understood of a file; `assemble.py` makes a `Graph` of it.

    Attributes:
        format: the name of the format.
        table: raw columns; `epoch` and `step` name two of them.
        epoch: the column that counts epochs, None: the log does not say.
        step: the column that counts optimizer steps.
        names: raw column name → series key, where the reader knows better than `names.py`; "" leaves a column aside.
        is_percent: metrics are percentages; None: to be seen from the values.
        bare_map: the key that a bare "mAP" means.
        merges_rows: several rows may describe one epoch; otherwise an epoch that comes twice was trained twice.
        steps_per_epoch: where the log says it.
        first_epoch: how the format counts where the file does not show it.
        planned: how many epochs were asked for.
        marks: (row, kind, label) of events that the log itself names.
        notes: sentences for the user.
        settings: hyper-parameters that the log itself holds, flat.
        name: of the run, where the log says it.
        runs: where a file holds several runs, each of them by its name, this one too; else empty.
    """

    format: str
    table: Table = field(default_factory=Table)
    epoch: str | None = None
    step: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    is_percent: bool | None = None
    bare_map: str | None = None
    merges_rows: bool = False
    steps_per_epoch: float | None = None
    first_epoch: int = 1
    planned: int | None = None
    marks: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=dict)
    name: str = ""
    runs: dict[str, "Log"] = field(default_factory=dict)

    def count_by_step(self) -> None:
        """Take steps for epochs where the log has none and both steps and numbers come one by one.

        Weights & Biases, MLflow and TensorBoard call the epoch so when a program tells them no other count; a column
        that has a number at every 500th step tells that steps are steps.
        """
        if self.epoch is not None or self.step is None:
            return
        steps, _ = self.table.column(self.step)
        places = np.unique(steps[np.isfinite(steps)])
        if len(places) < 2:
            return
        gaps = [np.diff(steps[self.table.column(name)[1]]) for name in self.table.names]
        rarest = max((float(np.median(gap)) for gap in gaps if len(gap) > 1), default=1.0)
        if float(np.median(np.diff(places))) == 1 and rarest <= _MOST_EPOCHS_APART:
            self.epoch, self.step = self.step, None
            if len(places) == len(steps):
                self.merges_rows = False
            self.notes.append(f"`{self.epoch}` rises by one from row to row and is taken as the epoch.")

    def sort_by_epoch(self) -> None:
        """Put rows in order that somebody sorted otherwise, such as the newest first or by mAP.

        A resume or a second training goes back once or twice, and to epochs that the log has already.
        """
        if self.epoch is None or self.merges_rows:
            return
        epochs, _ = self.table.column(self.epoch)
        falls = int((np.diff(epochs) < 0).sum())
        if falls > _MOST_FALLS * len(epochs) and falls > 1 and len(np.unique(epochs)) == len(epochs):
            self.table.reorder(np.argsort(epochs, kind="stable"))
            self.notes.append("The rows are not in the order of their epochs, and none comes twice: they were sorted.")


def parse_number(text: str, *, decimal_comma: bool = False) -> float | None:
    """A number as logs write it; None when the text holds none or says that there is none.

    Args:
        text: a cell, such as " 0.5", "nan", "-1.#IND", "tensor(0.2)", "85.2%" (the sign is dropped).
        decimal_comma: "0,5" and "1.234,5" are numbers too.
    """
    if not decimal_comma:
        try:
            return float(text)
        except ValueError:
            pass
    text = text.strip().strip("\"'")
    if decimal_comma and "," in text:
        text = text.replace(".", "").replace(",", ".") if "." in text else text.replace(",", ".", 1)
    try:
        return float(text)
    except ValueError:
        return _parse_odd_number(text.lower())


def _parse_odd_number(text: str) -> float | None:
    if text in _ABSENT:
        return None
    if text in _NOT_FINITE:
        return float(_NOT_FINITE[text])
    inner = _TENSOR.match(text)
    text = inner[1] if inner else text.removesuffix("%")
    text = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    try:
        return float(text)
    except ValueError:
        return None
