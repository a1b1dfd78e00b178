"""Where a client finds its server and key: given, in the settings, else what `epochal login` kept."""

import json
import os
from pathlib import Path

from epochal.client.http import Client
from epochal.config import read_settings
from epochal.errors import BadInput, NotSignedIn
from epochal.storage.whole_files import write_whole

DEFAULT_URL = "http://127.0.0.1:8000"


def credentials_file() -> Path:
    """The file that `epochal login` writes, readable by its owner alone."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "epochal" / "credentials.json"


def find_credentials(url: str | None = None, key: str | None = None) -> tuple[str, str]:
    """The address and key to ask with.

    Args:
        url: goes before what is set or kept.
        key: goes before what is set or kept.

    Raises:
        NotSignedIn: there is no key.
        BadInput: the kept file is damaged.
    """
    settings, kept = read_settings(), _read_kept()
    found_url = url or str(settings["server_url"]) or kept.get("url") or DEFAULT_URL
    is_same = found_url == kept.get("url")  # a key is never sent to another server than it was kept for
    found_key = key or str(settings["api_key"]) or (kept.get("key", "") if is_same else "")
    if not found_key:
        raise NotSignedIn(
            f"There is no key for {found_url}. Run `epochal login --url {found_url}`, or set EPOCHAL_API_KEY; "
            "`epochal key create` makes one on the server's machine."
        )
    return found_url, found_key


def log_in(url: str, key: str) -> str:
    """Try a key and keep it for later.

    Returns:
        The slug of its workspace.

    Raises:
        NotSignedIn, ServerUnreachable: it does not work, and nothing is kept.
    """
    with Client(url, key) as client:
        workspace = str(client.get("/api/me")["workspaces"][0]["slug"])
    path = credentials_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps({"url": url, "key": key}), mode=0o600)
    return workspace


def _read_kept() -> dict[str, str]:
    try:
        content = json.loads(credentials_file().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(f"{credentials_file()} cannot be read ({error}); run `epochal login` again.") from None
    return {name: str(value) for name, value in content.items()} if isinstance(content, dict) else {}
