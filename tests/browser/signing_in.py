"""An address that signs the owner of a running server in."""

from epochal.server.owner import let_owner_in, sign_in_page
from epochal.server.serving import ServerThread


def signed_in(server: ServerThread, path: str = "") -> str:
    """The address that signs the owner in, once, and goes to a page."""
    _, token = let_owner_in(server.app.state.services.database)
    return sign_in_page(server.address, token, then=path)
