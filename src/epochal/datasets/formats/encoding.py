"""How the bytes of an annotation file become text."""


def decode_text(data: bytes) -> str:
    """Text of unknown encoding: by its byte-order mark, else UTF-8, else Latin-1; the mark is taken off."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
