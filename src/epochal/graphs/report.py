"""`graph.html`: a run, or several compared, as one file that opens without a network."""

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from epochal.errors import Failed
from epochal.graphs.document import Document
from epochal.graphs.results_csv import write_beside
from epochal.graphs.series import describe
from epochal.graphs.thin_evaluation import EVALUATIONS, fit_pictures, thin_evaluation
from epochal.graphs.thinning import thin_document

STATIC = Path(__file__).parent / "static"
VALUES_MAX = 400_000  # numbers in a report; a longer run is thinned, so that the file stays small enough to mail
_ROWS_MIN = 200
TABLE_ROWS_MAX = 400  # of the plain tables together; the drawing has every row
_EXAMPLE_BYTES_MAX = 250_000  # of all example images
BYTES_MAX = 990_000  # of a report; pictures that do not fit are left out
_MEDIA = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
_ESCAPED = "<>&\u2028\u2029"


class BundleMissing(Failed):
    """The drawing was not built into this copy of Epochal."""


def write_report(path: Path, documents: Sequence[Document], *, comparison: Document | None = None) -> None:
    """Write one offline HTML file, beside the old one and renamed.

    Args:
        path: of the file.
        documents: one run, or several to compare.
        comparison: what comparing them gave; with several documents.

    Raises:
        BundleMissing: the web bundle was not built.
        OSError: the file cannot be written.
    """
    write_beside(path, format_report(documents, comparison=comparison))


def format_report(documents: Sequence[Document], *, comparison: Document | None = None) -> str:
    """The text of `write_report`; long runs are thinned. What a log brings is data in it, never markup or script."""
    script, style = _read_bundle()
    series = max(1, sum(len(document["series"]) for document in documents))
    documents = [thin_document(document, max(_ROWS_MIN, VALUES_MAX // series)) for document in documents]
    documents = [_thin_evaluations(document) for document in documents]
    title = html.escape(", ".join(str(document["name"]) for document in documents))
    plain = "\n".join(_format_plain(document, TABLE_ROWS_MAX // len(documents) + 1) for document in documents)
    documents = fit_pictures(documents, BYTES_MAX - sum(map(_count_bytes, (script, style, plain))))
    content: Any = documents[0] if len(documents) == 1 else {"documents": documents, "comparison": comparison or {}}
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · training graph</title>
<style>{style}
@media (scripting) {{ #root > section {{ display: none }} }}</style>
</head>
<body>
<div id="root">
<noscript><p>Scripts are off, so the graph is not drawn. Its numbers follow.</p></noscript>
{plain}
</div>
<script type="application/json" id="epochal-document">{escape_json(content)}</script>
<script>{script}</script>
</body>
</html>
"""


def _thin_evaluations(document: Document) -> Document:
    thinned = {key: thin_evaluation(document[key]) for key in EVALUATIONS if document.get(key)}
    return {**document, **thinned}


def _count_bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def escape_json(value: object) -> str:
    """JSON that cannot end the script element it stands in, whatever a class is called."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in _ESCAPED:
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def embed_examples(evaluation: Document, folder: Path) -> Document:
    """Give the example images of an evaluation a `url` that holds the image itself.

    An image outside the folder, of another kind than JPEG, PNG or WebP, or beyond the size that a report may have, is
    left without `url`.

    Args:
        evaluation: the content of `evaluation.json`.
        folder: the run folder.
    """
    examples, left = list(evaluation.get("examples") or ()), _EXAMPLE_BYTES_MAX
    # The small pictures of suspicious labels first: they are of use there alone.
    for at in sorted(range(len(examples)), key=lambda at: not _is_suspect(examples[at])):
        data = _read_example(examples[at], folder, left)
        if data is not None:
            left -= len(data)
            media = _MEDIA[Path(examples[at]["path"]).suffix.lower()]
            examples[at] = {**examples[at], "url": f"data:{media};base64,{base64.b64encode(data).decode()}"}
    return {**evaluation, "examples": examples}


def _is_suspect(example: object) -> bool:
    return isinstance(example, dict) and bool(example.get("is_suspect"))


def _read_example(example: object, folder: Path, limit: int) -> bytes | None:
    if not isinstance(example, dict) or not isinstance(example.get("path"), str):
        return None
    path = (folder / example["path"]).resolve()
    if not path.is_relative_to(folder.resolve()) or path.suffix.lower() not in _MEDIA:
        return None
    try:
        return path.read_bytes() if path.stat().st_size <= limit else None
    except OSError:
        return None


def _read_bundle() -> tuple[str, str]:
    try:
        script, style = ((STATIC / name).read_text("utf-8") for name in ("report.js", "report.css"))
    except OSError:
        raise BundleMissing(
            f"The drawing of the report is missing in {STATIC}; build it with `npm ci && npm run build` in web/, or "
            f"install "
            "Epochal from its wheel."
        ) from None
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return script, style.replace("</style", "<\\/style")


def _format_plain(document: Document, table_rows: int) -> str:
    """Summary and table in plain HTML: what stays when nothing is drawn, and what a screen reader reads."""
    escape = html.escape
    best = document["best"]
    best_text = (
        f"Best epoch {best['epoch']}: {best['metric'][8:]} {best['value']:.4f}." if best else "No mAP in the log."
    )
    findings = "".join(
        f"<li>{escape(finding['message'])} <em>{escape(finding['remedy'])}</em>"
        + (f" <code>{escape(finding['command'])}</code></li>" if finding.get("command") else "</li>")
        for finding in document["findings"]
    )
    keys = [key for key in document["series"] if describe(key).group in ("losses", "metrics", "lr")]
    head = "".join(f"<th>{escape(describe(key).title)}</th>" for key in keys)
    count = len(document["epochs"])
    step = max(1, -(-count // table_rows))
    rows = "".join(
        f"<tr><td>{document['epochs'][at]}</td>{''.join(_cell(document['series'][key][at]) for key in keys)}</tr>"
        for at in sorted({*range(0, count, step), count - 1} if count else ())
    )
    note = f"<p>Every {step}th epoch is shown.</p>" if step > 1 else ""
    return (
        f"<section><h1>{escape(document['name'])}</h1><p>{count} epochs. {best_text}</p><ul>{findings}</ul>{note}"
        f"<table><thead><tr><th>epoch</th>{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _cell(value: float | None) -> str:
    return "<td></td>" if value is None else f"<td>{value:.4g}</td>"
