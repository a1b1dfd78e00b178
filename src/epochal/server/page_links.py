"""Which page of the app an address means: one that the `roboflow` package prints, `/WORKSPACE/PROJECT/3`, or one typed.

The printed addresses are its API too, so what tells the two apart is that a browser asks for a page and has no key.
"""

from urllib.parse import quote

from starlette.types import Scope

from epochal.storage.slugs import RESERVED

# Where the package sends somebody whose key is wrong, or who is to fetch one for `roboflow.login()`.
_ABOUT_KEYS = {"settings", "auth-cli"}
# First words of the app's own addresses, which somebody may type without the "#".
_OF_THE_APP = {"account", "compare", "new", "runs", "universe", "workspaces"}
_OF_A_WORKSPACE = {"projects", "runs", "trash"}  # third words of those that begin with "w"


def is_for_a_page(scope: Scope) -> bool:
    """Whether a browser asks for a page: not a client, which sends its key along and takes anything."""
    if scope.get("method") not in {"GET", "HEAD"} or b"api_key=" in scope.get("query_string", b""):
        return False
    headers = dict(scope.get("headers", ()))
    return b"authorization" not in headers and b"text/html" in headers.get(b"accept", b"")


def page_of(path: str) -> str | None:
    """The address of the app's page that an address means; None for one that means none.

    Args:
        path: of the address, decoded, with its first slash.
    """
    words = [word for word in path.split("/") if word]
    if len(words) == 1 and words[0] in _ABOUT_KEYS:
        return "/#/account"
    if words and (words[0] in _OF_THE_APP or (words[0] == "w" and words[2:3] and words[2] in _OF_A_WORKSPACE)):
        return "/#/" + "/".join(quote(word, safe="") for word in words)
    if not words or len(words) > 5 or words[0] in RESERVED or "." in words[0]:
        return None
    workspace, *rest = [quote(word, safe="") for word in words]
    if not rest:
        return f"/#/workspaces/{workspace}"
    project, *rest = rest
    behind = "/deploy" if rest == ["models"] else ""
    if rest and rest[-1].isdigit():  # also …/model/3
        behind = f"/versions/{rest[-1]}"
    return f"/#/w/{workspace}/projects/{project}{behind}"
