"""The table of formats: how each is recognised by content and which reader reads it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from epochal.errors import LogError
from epochal.graphs.readers.bare import read_bare, recognise_bare
from epochal.graphs.readers.coco_txt import read_coco_txt, recognise_coco_txt
from epochal.graphs.readers.console import read_console, recognise_console
from epochal.graphs.readers.csv_logs import read_csv, recognise_csv
from epochal.graphs.readers.darknet import read_darknet, recognise_darknet
from epochal.graphs.readers.event_files import read_events, recognise_events
from epochal.graphs.readers.json_logs import read_json_log, recognise_json
from epochal.graphs.readers.mlflow_files import read_mlflow, recognise_mlflow
from epochal.graphs.readers.source import Source, describe_bytes
from epochal.graphs.readers.straighten import is_page
from epochal.graphs.readers.table import Log, parse_number
from epochal.graphs.readers.yolact import read_yolact, recognise_yolact
from epochal.graphs.readers.yolo_console import read_yolo_console, recognise_yolo_console
from epochal.graphs.readers.yolo_txt import read_yolo_txt, recognise_yolo_txt


@dataclass(frozen=True)
class Format:
    """One way to write a training log.

    Attributes:
        name: for people.
        recognise: how sure it is that a file is of this format, 0–1; looks at the head only.
        read: makes a `Log` of it, or raises LogError with the reason.
    """

    name: str
    recognise: Callable[[Source], float]
    read: Callable[[Source], Log]


FORMATS = (
    Format("TensorBoard event file", recognise_events, read_events),
    Format("Darknet console log", recognise_darknet, read_darknet),
    Format("console output of Ultralytics or YOLOv5", recognise_yolo_console, read_yolo_console),
    Format("console output or log of YOLACT", recognise_yolact, read_yolact),
    Format("results.txt of YOLOv7 or an old YOLOv5", recognise_yolo_txt, read_yolo_txt),
    Format("results.txt with COCO's twelve numbers", recognise_coco_txt, read_coco_txt),
    Format("metrics of MLflow's file store", recognise_mlflow, read_mlflow),
    Format("JSON lines or document", recognise_json, read_json_log),
    Format("table with column names", recognise_csv, read_csv),
    Format("numbers without names", recognise_bare, read_bare),
    Format("console log with `name: number`", recognise_console, read_console),
)


def recognise(source: Source) -> list[Format]:
    """The formats that a file may have, the surest first.

    Raises:
        LogError: it can be none of them; says what it seems to be.
    """
    scores = [(entry.recognise(source), -place, entry) for place, entry in enumerate(FORMATS)]
    sure = sorted((score for score in scores if score[0] > 0), key=lambda score: score[:2], reverse=True)
    if sure:
        return [entry for _, _, entry in sure]
    if source.encoding is None:
        raise LogError(
            f"{source.path} is {describe_bytes(source.head)}, not a training log; expected a text such as results.csv "
            "or log.txt, or a TensorBoard event file."
        )
    lines = [line.strip() for line in source.head_lines if line.strip()]
    if not lines:
        raise LogError(f"{source.path} holds no line that a program printed; expected the output of a training.")
    if is_page(source.head_lines):
        raise LogError(
            f"{source.path} is a page in HTML without a table whose columns are losses or metrics; give the log "
            "that it was made from, such as results.csv, log.txt or the run's folder, or an export of its numbers."
        )
    cells = [cell.strip() for cell in re.split(r"[,;\t]", lines[0])]
    if len(cells) > 1 and all(parse_number(cell, decimal_comma=";" in lines[0]) is not None for cell in cells):
        raise LogError(
            f"{source.path} is text, but no training log that we know: it holds rows of numbers without a line of "
            "column names; put one above them, such as `epoch,train/box_loss,metrics/mAP_0.5`."
        )
    raise LogError(
        f"{source.path} is text, but no training log that we know: it begins with {lines[0][:60]!r}. Expected columns "
        "or lines that name losses or metrics; say what the columns of another table are: --map COLUMN=SERIES."
    )
