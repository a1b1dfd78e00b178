"""Fields of the JSON that Roboflow clients send, read with a clear refusal."""

from typing import Annotated, Any

from fastapi import Body

from epochal.errors import BadInput

Json = Annotated[dict[str, Any], Body()]
_NUMBER_MAX = 2**31
_IMAGES_MAX = 1_000_000


def read_ids(form: dict[str, Any], key: str) -> list[str]:
    """A list of ids; empty when the key is absent. Raises BadInput."""
    ids = form.get(key) or []
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise BadInput(f"Expected {key} to be a list of ids.")
    return ids


def read_count(form: dict[str, Any], *keys: str) -> int:
    """How many images, by the first key that says it; 0 when none does. Raises BadInput."""
    key, value = next(((key, form[key]) for key in keys if form.get(key)), ("", 0))
    try:
        count = int(value)
    except (TypeError, ValueError, OverflowError):
        count = -1
    if not 0 <= count <= _IMAGES_MAX:
        raise BadInput(f"{key} is {value!r:.40}; expected a whole number of images, at most {_IMAGES_MAX:,}.")
    return count


def read_number(form: dict[str, Any], key: str, default: int) -> int:
    """A whole number. Raises BadInput."""
    value = form.get(key)
    try:
        number = default if value is None else int(value)
        if abs(number) < _NUMBER_MAX:
            return number
    except (TypeError, ValueError, OverflowError):
        pass
    raise BadInput(f"Expected {key} to be a whole number; got {str(value)[:40]!r}.")


def read_text(form: dict[str, Any], *keys: str) -> str | None:
    """The first of the keys that says something."""
    return next((str(form[key]) for key in keys if form.get(key)), None)
