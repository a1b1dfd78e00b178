"""Slugs: the words by which addresses name workspaces and projects."""

import re
import unicodedata

from epochal.errors import BadInput

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# First or second words of addresses, of the Roboflow surface and our own: a workspace or project of that name could not
# be reached.
RESERVED = frozenset(
    {
        "-", "active-learning", "annotate", "annotation-batches", "annotation-jobs", "api", "api-keys", "ascii",
        "assets", "asynctasks", "autolabel", "batches", "blobs", "clear-cache", "dataset", "datasets", "deploy",
        "docs", "download", "downloads", "favicon", "files", "generate", "groups", "health", "images", "index",
        "infer", "inference-stats", "info", "jobs", "metrics", "model", "model-evals", "models", "ort", "projects",
        "query", "search", "serverless", "start", "static", "stats", "trash", "universe", "upload", "uploads",
        "usage", "video", "weights", "workflows", "workspaces",
    }
)  # fmt: skip


def slug_of(name: str) -> str:
    """A slug from a name for people: `Blood Cells (2)` becomes `blood-cells-2`; empty when nothing of it can stay."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")


def check_slug(slug: str) -> str:
    """The slug, as given.

    Raises:
        BadInput: it has other characters than a–z, 0–9 and dashes, is too long, or is a word that addresses use.
    """
    if not SLUG.fullmatch(slug):
        raise BadInput(f"{slug[:80]!r} cannot stand in an address; expected 1 to 63 of a–z, 0–9 and dashes inside.")
    if slug in RESERVED:
        raise BadInput(f"{slug!r} is a word that addresses of the server use; choose another.")
    return slug
