"""How the bytes of an annotation file become text."""

import re

_DECLARED = re.compile(rb"<\?xml[^>]{0,100}encoding=[\"']([\w.-]{1,30})[\"']")


def decode_text(data: bytes) -> str:
    """Text by its byte-order mark (which is taken off), else as XML declares it, else UTF-8, else Latin-1.

    An encoding of single bytes fits everything, so a declared one counts for less than text that is UTF-8.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    declared = _DECLARED.match(data)
    name = declared[1].decode() if declared else "latin-1"
    is_wide = not re.match(r"(iso-?8859|latin|windows-125|cp125|us-ascii|utf-?16)", name, re.IGNORECASE)
    for encoding in (name, "utf-8-sig") if is_wide else ("utf-8-sig", name):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("latin-1")
