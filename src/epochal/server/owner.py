"""How the owner of a new server gets in: by a link that its start prints, as nobody has a password yet."""

from urllib.parse import quote

from epochal.storage.database import Database
from epochal.workspaces.people import Person, server_owner
from epochal.workspaces.signing_in import make_link
from epochal.workspaces.workspaces import ensure_first_workspace


def let_owner_in(database: Database) -> tuple[Person, str]:
    """The server's owner, made with the first workspace when the server is new, and a token that signs them in once.

    A link that was printed before and not used ends.
    """
    with database.write() as session:
        ensure_first_workspace(session)
        owner = server_owner(session)
        return owner, make_link(session, owner.id)


def sign_in_page(address: str, token: str, *, then: str = "") -> str:
    """The page that takes a link's token. Behind the `#`, so that it is in no log and no Referer.

    Args:
        address: of the server.
        token: of a link.
        then: the path of the app's page to go to, such as `/runs/cells-1`.
    """
    return f"{address}/#/sign-in?token={token}" + (f"&then={quote(then, safe='')}" if then else "")
