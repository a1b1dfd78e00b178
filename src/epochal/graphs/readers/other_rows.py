"""Tables with the columns of a log whose rows are no epochs: classes, models, settings, points of a curve."""

import re
from collections.abc import Sequence
from pathlib import Path

from epochal.errors import LogError
from epochal.graphs.readers.names import explain, phase_of, tidy
from epochal.graphs.readers.table import Log
from epochal.graphs.series import PRECISION, RECALL

_TIME = re.compile(r"\d{1,4}[-/.:]\d")
_SETTINGS = {"lr0", "lrf", "momentum", "weight_decay", "epochs", "batch", "batch_size", "imgsz", "img_size",
             "warmup_epochs", "loss_weight", "close_mosaic", "patience", "optimizer", "workers"}  # fmt: skip
_FEWEST_SETTINGS = 3
_POINT = {PRECISION, RECALL, "metrics/F1", "metrics/confidence"}


def refuse_other_rows(log: Log, row_names: Sequence[str], path: Path) -> None:
    """Refuse a table without epochs and steps whose rows say that they are something else.

    Args:
        log: with its table filled.
        row_names: the text that each row begins with; empty without any.
        path: of the file.

    Raises:
        LogError: its rows are no epochs.
    """
    reason, is_one = "", log.table.rows == 1
    settings = _SETTINGS & {tidy(name).lower() for name in log.table.names}
    if (log.epoch is not None or log.step is not None) and not is_one:
        return
    if _are_names(row_names):
        reason = f"its rows are named ({', '.join(row_names[:3])}), so they are no epochs"
    elif len(settings) >= _FEWEST_SETTINGS:
        reason = "it holds settings of trainings, and what comes of them at most"
    elif not is_one and all(explain(name).key in _POINT for name in log.table.names):
        reason = "it holds precision and recall alone, as the points of one curve do"
    if reason:
        raise LogError(
            f"{path} is a table, but no log of a training: {reason}. Expected a row for each epoch; if its rows are "
            "epochs, name a column that counts them `epoch`, or say which it is: --map COLUMN=epoch."
        )


def _are_names(texts: Sequence[str]) -> bool:
    """Whether texts are distinct names, and no times, phases or names that count such as `epoch_1.pth`."""
    told = [text for text in texts if re.search(r"[^\W\d_]", text) and not _TIME.search(text) and not phase_of(text)]
    if len(told) < max(2, len(texts)) or len(set(told)) < len(told):
        return False
    places = [int(match[0]) for text in told if (match := re.search(r"\d{1,9}", text))]
    return len(places) < len(told) or places != sorted(set(places))
