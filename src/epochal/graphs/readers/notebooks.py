"""What a notebook printed: the text of the outputs of its cells."""

import json
from typing import Any


def notebook_lines(text: str) -> list[str] | None:
    """The lines that the cells of a Jupyter notebook printed, in their order; None for another text."""
    if '"cells"' not in text or '"nbformat"' not in text:
        return None
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    outputs = (part for cell in _dicts(cells) for part in _dicts(cell.get("outputs")))
    said = (_text(part.get("text")) or _text((part.get("data") or {}).get("text/plain")) for part in outputs)
    return [line for text in said for line in text.replace("\r", "\n").split("\n")]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A text, which a notebook may write as a list of its lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
