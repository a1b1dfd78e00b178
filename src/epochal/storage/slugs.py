"""Names in addresses: made of what people wrote, and never one that an address needs for itself."""

import re
import unicodedata
from collections.abc import Callable

SLUG_LENGTH = 60
# Segments with a meaning of their own, on this server's addresses or on those of the clients that it answers.
RESERVED = frozenset(
    (
        "about", "account", "active_learning", "admin", "annotate", "api", "api-keys", "app", "assets", "asynctasks",
        "audit", "auth", "auth-cli", "autolabel", "backup", "batches", "billing", "blobs", "callback", "clear_cache",
        "compare", "credits", "dataset", "datasets", "deploy", "devices", "docs", "download", "downloads", "events",
        "export", "exports", "favicon.ico", "favicon.svg", "featured", "files", "generate", "groups", "health",
        "healthz", "help", "images", "index.html", "infer", "inference-stats", "info", "invite", "jobs", "keys",
        "login", "logout", "me", "members", "metrics", "model", "model-evals", "models", "new", "ort", "ping",
        "projects", "query", "register", "robots.txt", "root", "runs", "search", "serverless", "settings", "sign-in",
        "sign-out", "signed", "signin", "signup", "start", "static", "stats", "train", "trainings", "trash", "universe",
        "upload", "uploads", "usage", "user", "users", "v1", "v2", "versions", "video", "video_upload_signed_url",
        "videoinfer", "webhooks", "weights", "worker", "workflows", "workspace", "workspaces", "zip",
    )
)  # fmt: skip


def slug_of(name: str, otherwise: str) -> str:
    """A name as part of an address: lower-case letters, digits and dashes; never a bare number.

    Args:
        name: as people wrote it; letters with accents lose them, what is no Latin letter or digit becomes a dash.
        otherwise: a word for when nothing is left of it, and before a number or a reserved word.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-")
    if not slug:
        return otherwise
    # A number would be read as one of a version: `project/3`.
    return f"{otherwise}-{slug}" if slug.isdigit() or slug in RESERVED else slug


def free_slug(name: str, otherwise: str, is_taken: Callable[[str], bool]) -> str:
    """`slug_of(name)`, or with the first number behind it that makes it free."""
    wanted = slug = slug_of(name, otherwise)
    number = 2
    while is_taken(slug):
        slug, number = f"{wanted}-{number}", number + 1
    return slug
