"""What every rule looks at: the curves of a graph, found once."""

from dataclasses import dataclass

import numpy as np

from epochal.graphs.graph import Graph
from epochal.graphs.reading.measure import Curve, Rows, find_curve, rows_of
from epochal.graphs.series import MAP50, MAP50_95, PRECISION, RECALL


@dataclass(frozen=True)
class Facts:
    """The curves of one run.

    Attributes:
        graph: the run.
        rows: the rows that are read, in the order of the log.
        map: the curve that decides, mAP_0.5:0.95, or mAP_0.5 where a log has no other; None without one.
        train: {key: curve} of the train losses that hold a finite value other than 0.
        val: {key: curve} of the val losses, likewise.
    """

    graph: Graph
    rows: Rows
    map: Curve | None
    train: dict[str, Curve]
    val: dict[str, Curve]

    def curve(self, key: str) -> Curve | None:
        """Any other curve; None when the log has no finite value of it."""
        return find_curve(self.rows, key)


def collect_facts(graph: Graph) -> Facts:
    """Find the curves that the rules look at."""
    rows = _measured(rows_of(graph))
    found = find_curve(rows, MAP50_95) or find_curve(rows, MAP50)
    return Facts(graph, rows, found, _losses(rows, "train/"), _losses(rows, "val/"))


def _losses(rows: Rows, prefix: str) -> dict[str, Curve]:
    keys = [key for key in rows.series if key.startswith(prefix) and "loss" in key]
    curves = {key: curve for key in keys if (curve := find_curve(rows, key)) is not None}
    return {key: curve for key, curve in curves.items() if curve.values.any()}


def _measured(rows: Rows) -> Rows:
    """Blank out rows in which validation did not run.

    Some trainers write exactly 0 for every metric and every val loss of such a row. When all rows are so, they are
    kept: then 0 is all that is known.
    """
    keys = [key for key in rows.series if key in (MAP50, MAP50_95, PRECISION, RECALL) or key.startswith("val/")]
    if not any(key.startswith("val/") for key in keys):
        return rows
    empty = np.all([rows.series[key] == 0 for key in keys], axis=0)
    losses = np.any([rows.series[key][~empty] != 0 for key in keys if key.startswith("val/")], axis=0)
    if not empty.any() or empty.all() or not losses.all():
        return rows
    series, present = dict(rows.series), dict(rows.present)
    for key in keys:
        series[key] = np.where(empty, np.nan, rows.series[key])
        present[key] = rows.present[key] & ~empty
    return Rows(rows.epochs, series, present)
