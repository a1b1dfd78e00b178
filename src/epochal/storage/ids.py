"""Names for rows that tell nothing and are never given twice."""

import secrets
import string

_LETTERS = string.ascii_letters + string.digits
ID_LENGTH = 20


def new_id() -> str:
    """A random name of 20 letters and digits (119 bits), fit for addresses and file names."""
    return "".join(secrets.choice(_LETTERS) for _ in range(ID_LENGTH))
