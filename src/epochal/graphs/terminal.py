"""Draw a run in a terminal: mAP and losses in braille dots, under them what the graph says."""

import textwrap
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.graphs.bridging import drawn_column
from epochal.graphs.document import Document
from epochal.graphs.series import MAP50, MAP50_95

# Bit of each dot of a braille character, by row and column; Unicode 15, chapter 21.1.
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_SIGNS = {"error": "✗", "warning": "!", "info": "·"}
_AXIS_WIDTH = 9
_SETTINGS_MAX = 12
_BESIDE_MAX, _BESIDE_WIDTH = 12, 30


def format_terminal(document: Document, *, width: int = 80, height: int = 10) -> str:
    """The run as text.

    Args:
        document: the graph document.
        width: of the terminal, in characters.
        height: of each panel, in lines.
    """
    parts = [_format_head(document)]
    for highest, keys in ((1.0, [MAP50_95, MAP50]), (0.99, _losses(document))):  # a spike of loss would hide the rest
        curves = [_Curve(key, key, document) for key in keys if _is_drawable(key, document)]
        if curves:
            parts.append(_format_panels(curves, highest, width=width, height=height))
    parts.append(_format_findings(document, width))
    return "\n\n".join(parts)


def format_summary(document: Document, *, width: int = 80) -> str:
    """The run in a few lines, without a drawing: for many runs at once."""
    verdict, message = document["verdict"].replace("_", " "), clean(document["findings"][0]["message"])
    lines = (_format_head(document), f"  {verdict}: {message}")
    return "\n".join(textwrap.fill(line, max(40, width), subsequent_indent="  ") for line in lines)


def format_beside(documents: Sequence[Document], *, width: int = 80, height: int = 6) -> str:
    """mAP_0.5:0.95 of several runs, each in a panel of its own and all on one scale.

    Args:
        documents: the graph documents.
        width: of the terminal, in characters.
        height: of each panel, in lines.

    Returns:
        Rows of panels for the first twelve runs that have an mAP of two epochs or more; empty when none has.
    """
    curves = [_Curve(one["name"], MAP50_95, one) for one in documents if _is_drawable(MAP50_95, one)][:_BESIDE_MAX]
    beside = max(1, (width - _AXIS_WIDTH) // _BESIDE_WIDTH)
    rows = [curves[first : first + beside] for first in range(0, len(curves), beside)]
    range_of = _range_of(curves, 1.0) if curves else None
    panels = (_format_panels(row, 1.0, width=width, height=height, beside=beside, range_of=range_of) for row in rows)
    return "\n\n".join([MAP50_95, *panels] if curves else [])


def format_comparison(comparison: Document, *, width: int = 80) -> str:
    """What comparing several runs gave, as text: repeats, pairs, and the settings that differ."""
    lines = ["Comparison"]
    for found in [*comparison["groups"], *comparison["pairs"]]:
        lines.append(textwrap.fill(f"· {clean(found['sentence'])}", max(40, width), subsequent_indent="  "))
    differing = [row for row in comparison["recipes"] if row["differs"]]
    for row in differing[:_SETTINGS_MAX]:
        lines.append(
            clean(f"  {row['field']}: " + " | ".join("–" if v is None else str(v)[:24] for v in row["values"][:8]))
        )
    if len(differing) > _SETTINGS_MAX:
        lines.append(f"  and {len(differing) - _SETTINGS_MAX} more settings that differ")
    return "\n".join(lines)


def draw_braille(values: NDArray[np.float64], *, width: int, height: int, low: float, high: float) -> list[str]:
    """Draw a curve; what is not finite is left out.

    Args:
        values: (N,).
        width: in characters, of two dots each.
        height: in lines, of four dots each.
        low: value of the lowest dot.
        high: value of the highest dot.
    """
    canvas = np.zeros((height * 4, width * 2), bool)
    count = len(values)
    columns = np.arange(width * 2)
    places = columns * (count - 1) / max(1, len(columns) - 1)
    drawn = np.interp(places, np.arange(count), values)  # a NaN spreads to its neighbours only
    levels = (drawn - low) / max(high - low, 1e-12) * (height * 4 - 1)
    finite = np.isfinite(levels)
    rows = np.clip(np.round(np.where(finite, levels, 0)), 0, height * 4 - 1).astype(int)
    for column in np.flatnonzero(finite):
        before = rows[column - 1] if column and finite[column - 1] else rows[column]
        begin, end = sorted((before, rows[column]))
        canvas[begin : end + 1, column] = True
    cells = canvas[::-1].reshape(height, 4, width, 2)
    codes = (cells * _DOTS[None, :, None, :]).sum(axis=(1, 3))
    return ["".join(chr(0x2800 + int(code)) for code in line) for line in codes]


def _losses(document: Document) -> list[str]:
    for name in ("box_loss", "loss", "total_loss"):
        keys = [f"{split}/{name}" for split in ("train", "val") if f"{split}/{name}" in document["series"]]
        if keys:
            return keys
    return [key for key in document["series"] if key.startswith(("train/", "val/"))][:2]


def _format_head(document: Document) -> str:
    epochs, best = document["epochs"], document["best"]
    planned = f" of {document['epochs_planned']}" if document["epochs_planned"] else ""
    ending = "" if f"{len(epochs)}{planned}" == "1" else "s"
    text = f"{clean(document['name'])} · {clean(document['source']['format'])} · {len(epochs)}{planned} epoch{ending}"
    return text + (f" · best epoch {best['epoch']}: {best['metric'][8:]} {best['value']:.4f}" if best else " · no mAP")


class _Curve:
    """A series to be drawn, and what stands above it."""

    def __init__(self, head: str, key: str, document: Document) -> None:
        self.head, self.values = clean(head), drawn_column(document, key)
        self.first, self.last = document["epochs"][0], document["epochs"][-1]

    def foot(self, space: int) -> str:
        return f"{self.first}{f'epoch {self.last}':>{max(1, space - len(str(self.first)))}}"


def _is_drawable(key: str, document: Document) -> bool:
    return len(document["epochs"]) > 1 and any(value is not None for value in document["series"].get(key, ()))


def _range_of(curves: Sequence[_Curve], highest: float) -> tuple[float, float]:
    finite = np.concatenate([curve.values[np.isfinite(curve.values)] for curve in curves])
    return float(finite.min()), float(np.quantile(finite, highest))


def _format_panels(
    curves: Sequence[_Curve], highest: float, *, width: int, height: int, beside: int = 0,
    range_of: tuple[float, float] | None = None,
) -> str:  # fmt: skip
    """Curves side by side on one scale, with room for `beside` of them; `highest`: the quantile at the upper edge."""
    low, high = range_of or _range_of(curves, highest)
    places = beside or len(curves)
    space = max(20, (width - _AXIS_WIDTH - 3 * (places - 1)) // places)
    drawings = [draw_braille(curve.values, width=space, height=height, low=low, high=high) for curve in curves]
    lines = [" " * _AXIS_WIDTH + "   ".join(curve.head[:space].ljust(space) for curve in curves)]
    for row in range(height):
        label = {0: f"{high:.3g}", height - 1: f"{low:.3g}"}.get(row, "")
        lines.append(f"{label:>{_AXIS_WIDTH - 2}} ┤" + "   ".join(drawing[row] for drawing in drawings))
    return "\n".join([*lines, " " * _AXIS_WIDTH + "   ".join(curve.foot(space) for curve in curves)])


def _format_findings(document: Document, width: int) -> str:
    lines = [f"Verdict: {document['verdict'].replace('_', ' ')}"]
    for finding in document["findings"]:
        text = f"{_SIGNS[finding['severity']]} {clean(finding['message'])} → {clean(finding['remedy'])}"
        lines.append(textwrap.fill(text, max(40, width), subsequent_indent="  "))
        if finding.get("command"):
            lines.append(f"    $ {clean(finding['command'])}")
    lines += [textwrap.fill(f"  {clean(note)}", max(40, width), subsequent_indent="  ") for note in document["notes"]]
    return "\n".join(lines)


def clean(text: object) -> str:
    """Text without control characters: a log must not steer the terminal that shows it."""
    return "".join(sign if sign.isprintable() else "�" for sign in str(text))
