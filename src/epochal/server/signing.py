"""Addresses that allow one thing for a while without a key: downloads that a client fetches plainly, uploads by PUT.

    /blobs/PURPOSE.SUBJECT.EXPIRES.SIGNATURE

The signature is an HMAC over purpose, subject and expiry, with a secret that is made at the first start. Nothing is
stored, so every server on the same secret accepts the same addresses.
"""

import hashlib
import hmac
import os
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from epochal.errors import NotAllowed

SECRET_NAME = "server-secret"
_VALID_FOR_S = 24 * 3600.0


@dataclass(frozen=True)
class Signer:
    """Signs and checks.

    Attributes:
        secret: at least 32 bytes.
    """

    secret: bytes

    def token(self, purpose: str, subject: str, *, valid_for_s: float = _VALID_FOR_S) -> str:
        """A piece of an address that allows `purpose` on `subject`, such as ("export", "VERSION/coco")."""
        expires = str(int(time.time() + valid_for_s))
        text = urlsafe_b64encode(subject.encode()).decode().rstrip("=")
        return f"{text}.{expires}.{self._sign(purpose, subject, expires)}"

    def check(self, purpose: str, token: str) -> str:
        """The subject of a token.

        Raises:
            NotAllowed: it was not signed here for this purpose, or its time is over.
        """
        try:
            text, expires, signature = token.split(".")
            subject = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        except ValueError:
            raise NotAllowed("This address is not whole; ask for a new one.") from None
        if not hmac.compare_digest(signature.encode(), self._sign(purpose, subject, expires).encode()):
            raise NotAllowed("This address was not given by this server for this; ask for a new one.")
        if int(expires) < time.time():
            raise NotAllowed("The time of this address is over; ask for a new one.")
        return subject

    def _sign(self, purpose: str, subject: str, expires: str) -> str:
        message = "\0".join((purpose, subject, expires)).encode()
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()


def load_signer(folder: Path, secret: str = "") -> Signer:
    """The signer of a data folder.

    Args:
        folder: where the secret is kept, readable by its owner alone; it is made when it is not there.
        secret: the setting `secret_key`, for several servers; empty for the one in the folder.
    """
    if secret:
        return Signer(hashlib.sha256(secret.encode()).digest())
    path = folder / SECRET_NAME
    folder.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        beside = folder / f".{SECRET_NAME}-{secrets.token_hex(8)}"
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(32))
        try:
            os.link(beside, path)  # fails when another process was quicker; then its secret counts
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return Signer(path.read_bytes())
