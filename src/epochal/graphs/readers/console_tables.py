"""Evaluations that frameworks print as text: COCO's twelve lines, and tables drawn with bars."""

import re
from dataclasses import dataclass, field

from epochal.graphs.readers.table import parse_number

_LINE = re.compile(
    r"Average (?P<what>Precision|Recall)\s*\((?:AP|AR)\)\s*@\[\s*IoU=(?P<iou>[\d.:]+)\s*\|\s*area=\s*(?P<area>\w+)\s*\|"
    r"\s*maxDets=\s*(?P<most>\d+)\s*\]\s*=\s*(?P<value>-?\d+\.?\d*(?![.\d])|nan)"
)
_OVERLAPS = {"0.50:0.95": "mAP_0.5:0.95", "0.50": "mAP_0.5", "0.75": "mAP_0.75"}
_AP_NAMES = {"ap": "mAP_0.5:0.95", "ap50": "mAP_0.5", "ap75": "mAP_0.75", "aps": "mAP_small", "apm": "mAP_medium",
             "apl": "mAP_large"}  # fmt: skip


@dataclass
class CocoSummary:
    """Reads an evaluation over several lines.

    Attributes:
        names: of the columns of the table that is being read.
    """

    names: list[str] = field(default_factory=list)

    def read_line(self, line: str, task: str) -> dict[str, float] | None:
        """The number of one of COCO's lines, under its series key; None for another line."""
        if "Average" not in line:
            return None
        match = _LINE.search(line)
        if match is None:
            return None
        value = float(match["value"])
        where = "metrics/" if task == "bbox" else f"metrics/{'mask' if task in ('segm', 'mask') else 'pose'}/"
        if match["what"] == "Recall":
            size = "" if match["area"] == "all" else f"_{match['area']}"
            return {f"{where}AR{size}_{match['most']}": value}
        if match["area"] != "all":
            return {f"{where}mAP_{match['area']}": value}
        name = _OVERLAPS.get(match["iou"])
        return {f"{where}{name}": value} if name else {}


def read_table_line(line: str, state: CocoSummary, task: str) -> dict[str, float] | None:
    """Numbers of a line of a table drawn with bars, as shares; None for a line of none.

    Knows detectron2's `| AP | AP50 | …` and its tables of `| category | AP | …` (percent), YOLOX's `| class | AP | …`
    (percent), NanoDet's `| class | AP50 | mAP | …` (percent), and MMDetection's `| class | gts | dets | recall | ap |`
    (shares).
    """
    bars = line.count("|") + line.count("│")
    if bars < 3 or "Average" in line:
        return None
    start = min(place for place in (line.find("|"), line.find("│")) if place >= 0)
    if line[:start].strip():
        return None
    cells = [cell.strip() for cell in re.split(r"[|│]", line.strip().strip("|│"))]
    lower = [cell.lower() for cell in cells]
    if any(parse_number(cell) is not None for cell in cells[1:] or cells) and state.names:
        return _read_row(cells, state.names, task)
    if "ap" in lower or {"class", "ap50", "map"} <= set(lower):
        state.names = lower
        return {}
    if not set(line) <= set("|│-:=+ ─├┤┼╪╞╡═╘╛╒╕╤╧"):
        state.names = []
    return {}


def _read_row(cells: list[str], names: list[str], task: str) -> dict[str, float]:
    numbers: dict[str, float] = {}
    box = task == "bbox"
    if names[0] in _AP_NAMES:
        for name, cell in zip(names, cells, strict=False):
            value = parse_number(cell)
            if value is not None and name in _AP_NAMES:
                numbers[("metrics/" if box else "metrics/mask/") + _AP_NAMES[name]] = value / 100
    elif names[0] in ("category", "class") and box:
        scale = 1.0 if "gts" in names else 0.01
        overlap = "0.5" if "gts" in names else "0.5:0.95"
        stride = names.index(names[0], 1) if names[0] in names[1:] else len(names)
        for at in range(0, len(cells) - 1, stride):
            group = dict(zip(names[at : at + stride], cells[at : at + stride], strict=False))
            value = parse_number(group.get("ap", group.get("map", "")))
            if value is not None and cells[at] and cells[at].lower() != "map":
                numbers[f"class/{cells[at]}/AP_{overlap}"] = value * scale
    return numbers
