"""The cookie of a browser that is signed in: kept from scripts, sent to this server's own pages alone."""

import hashlib
from dataclasses import dataclass

from starlette.responses import Response

from epochal.server.signing import Signer
from epochal.workspaces.signing_in import SESSION_S


@dataclass(frozen=True)
class SessionCookie:
    """How the cookie is set.

    Attributes:
        name: another for each data folder: browsers tell cookies apart by host and not by port, and two servers on one
            machine must not sign each other's people out.
        is_secure: sent over HTTPS alone.
    """

    name: str
    is_secure: bool

    def set(self, response: Response, token: str) -> None:
        """Give a browser its session."""
        response.set_cookie(
            self.name, token, max_age=int(SESSION_S), httponly=True, samesite="strict", secure=self.is_secure
        )

    def clear(self, response: Response) -> None:
        """Take it away."""
        response.delete_cookie(self.name, httponly=True, samesite="strict", secure=self.is_secure)


def session_cookie(signer: Signer, *, is_secure: bool) -> SessionCookie:
    """The cookie of the data folder that has this secret."""
    return SessionCookie(f"epochal_{hashlib.sha256(b'cookie' + signer.secret).hexdigest()[:10]}", is_secure)
