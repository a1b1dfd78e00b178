"""The graph document as bytes that a page draws from at once: numbers as they lie in memory.

    "EPG1" · uint32 length of the head · head (JSON, spaces up to a multiple of 8) · columns

Little-endian. The head is {"document": …, "rows": n, "keys": […]}; its document is that of ARCHITECTURE.md without
`epochs` and `series`. The columns are n float64 epochs, then n float64 for each key, NaN where there is no value. A
million numbers are 8 MB, and a browser has nothing left to parse: as JSON they take it a tenth of a second.
"""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from epochal.graphs.document import Document
from epochal.graphs.graph import Graph

MAGIC = b"EPG1"
MEDIA_TYPE = "application/vnd.epochal.graph"


def pack(document: Document, graph: Graph) -> bytes:
    """Pack a document.

    Args:
        document: as `build_document` makes it of the graph; `epochs` and `series` may be left out, other fields, such
            as `cursor`, are taken along.
        graph: whose epochs and series they are.
    """
    keys = list(document["definitions"])  # in the order of the document's series
    rest = {key: value for key, value in document.items() if key not in ("epochs", "series")}
    head = msgspec.json.encode({"document": rest, "rows": len(graph.epochs), "keys": keys})
    head += b" " * (-(len(MAGIC) + 4 + len(head)) % 8)
    columns = [_to_bytes(values) for values in (graph.epochs, *(graph.series[key] for key in keys))]
    return b"".join([MAGIC, len(head).to_bytes(4, "little"), head, *columns])


def _to_bytes(values: NDArray[Any]) -> bytes:
    column = values.astype("<f8")
    column[~np.isfinite(column)] = np.nan  # what they were stands in the marks
    return column.tobytes()
