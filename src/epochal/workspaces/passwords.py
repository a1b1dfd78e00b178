"""Passwords: Argon2id with argon2-cffi's parameters (RFC 9106, second recommended option: 64 MiB, 3 passes)."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from epochal.errors import BadInput

MIN_LENGTH, MAX_LENGTH = 10, 500
_HASHER = PasswordHasher()
# Each takes 64 MiB while it runs, so many sign-ins at once must wait for each other.
_AT_ONCE = threading.Semaphore(2)


def hash_password(password: str) -> str:
    """What is kept of a password.

    Raises:
        BadInput: it is too short to keep anybody out, or too long.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters; got {len(password)}.")
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one of which `kept` is kept; takes as long when nothing is kept."""
    if len(password) > MAX_LENGTH:
        return False
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _of_nobody(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _of_nobody() -> str:
    return _HASHER.hash("nobody has this password")
