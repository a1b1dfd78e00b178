"""Draw a run in a terminal: mAP and losses in braille dots, under them what the graph says."""

import textwrap

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


def format_terminal(document: Document, *, width: int = 80, height: int = 10) -> str:
    """The run as text.

    Args:
        document: the graph document.
        width: of the terminal, in characters.
        height: of each panel, in lines.
    """
    parts = [_format_head(document)]
    panels = (("mAP", [MAP50_95, MAP50]), ("box loss", _losses(document)))
    for title, keys in panels:
        keys = [key for key in keys if any(v is not None for v in document["series"].get(key, ()))]
        if keys and len(document["epochs"]) > 1:
            parts.append(_format_panel(title, keys, document, width=width, height=height))
    parts.append(_format_findings(document, width))
    return "\n\n".join(parts)


def format_summary(document: Document, *, width: int = 80) -> str:
    """The run in a few lines, without a drawing: for many runs at once."""
    verdict, message = document["verdict"].replace("_", " "), clean(document["findings"][0]["message"])
    lines = (_format_head(document), f"  {verdict}: {message}")
    return "\n".join(textwrap.fill(line, max(40, width), subsequent_indent="  ") for line in lines)


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
    text = f"{clean(document['name'])} · {clean(document['source']['format'])} · {len(epochs)}{planned} epochs"
    return text + (f" · best epoch {best['epoch']}: {best['metric'][8:]} {best['value']:.4f}" if best else " · no mAP")


def _format_panel(title: str, keys: list[str], document: Document, *, width: int, height: int) -> str:
    curves = {key: drawn_column(document, key) for key in keys}
    finite = np.concatenate([values[np.isfinite(values)] for values in curves.values()])
    low, high = float(finite.min()), float(np.quantile(finite, 0.99)) if "loss" in title else float(finite.max())
    space = max(20, (width - _AXIS_WIDTH - 3 * (len(keys) - 1)) // len(keys))
    drawings = [draw_braille(values, width=space, height=height, low=low, high=high) for values in curves.values()]
    heads = "   ".join(clean(key).ljust(space) for key in keys)
    lines = [f"{'':>{_AXIS_WIDTH}}{heads}"]
    for row in range(height):
        label = {0: f"{high:.3g}", height - 1: f"{low:.3g}"}.get(row, "")
        lines.append(f"{label:>{_AXIS_WIDTH - 2}} ┤" + "   ".join(drawing[row] for drawing in drawings))
    first, last = document["epochs"][0], document["epochs"][-1]
    foot = f"{first}{f'epoch {last}':>{max(1, space - len(str(first)))}}"
    return "\n".join([*lines, " " * _AXIS_WIDTH + "   ".join([foot] * len(keys))])


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
