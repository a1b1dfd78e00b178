"""The language in which images are searched: `tag:night class:car -split:test (min-width:640 OR filename:*_wide*)`.

    query  := any                     words beside each other: all must hold
    any    := all (OR all)*
    all    := not (AND? not)*
    not    := NOT not | -not | ( any ) | field:value | word
    value  := word | "words in quotes"; * stands for any letters

A word without a field is looked for in file names, and as a tag or class. Case does not matter.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, false, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from epochal.datasets.images import REVIEWS
from epochal.datasets.tables import AnnotationRow, BatchRow, ClassRow, ImageRow, ImageTagRow, ProjectRow
from epochal.errors import BadInput

Condition = ColumnElement[bool]
QUERY_LENGTH, DEPTH_MAX = 2000, 40
_TOKEN = re.compile(r'\s*(?:(?P<paren>[()])|(?P<minus>-)(?=\S)|(?P<term>(?:[\w-]+:)?(?:"[^"]*"|[^\s()"]+)))')
_SPLITS = {"train", "val", "test", "none"}
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


@dataclass
class _Tokens:
    items: list[str]
    at: int = 0

    def peek(self) -> str | None:
        return self.items[self.at] if self.at < len(self.items) else None

    def take(self) -> str:
        self.at += 1
        return self.items[self.at - 1]


def parse_query(text: str) -> Condition:
    """A condition on `ImageRow`, joined with its `ProjectRow`.

    Raises:
        BadInput: the text is no query; says where and what is known.
    """
    if len(text) > QUERY_LENGTH:
        raise BadInput(f"The query has {len(text):,} letters; expected at most {QUERY_LENGTH:,}.")
    tokens = _Tokens(_split(text))
    if tokens.peek() is None:
        return true()
    condition = _any_of(tokens, 0)
    if tokens.peek() is not None:
        raise BadInput(f"The query {text[:80]!r} has a ) too many; take it out or put its words into quotes.")
    return condition


def like(column: InstrumentedAttribute[str], value: str, *, anywhere: bool = False) -> Condition:
    """Whether a text is the value, case aside; * in it stands for any letters."""
    pattern = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%").lower()
    return func.lower(column).like(f"%{pattern}%" if anywhere else pattern, escape="\\")


def has_tag(value: str) -> Condition:
    """Images with a tag."""
    return exists().where(ImageTagRow.image_id == ImageRow.id, like(ImageTagRow.tag, value)).correlate(ImageRow)


def has_class(value: str) -> Condition:
    """Images with a box of a class; drafts do not count."""
    same = (ClassRow.project_id == AnnotationRow.project_id) & (ClassRow.class_id == AnnotationRow.class_id)
    return (
        exists()
        .where(
            AnnotationRow.image_id == ImageRow.id,
            AnnotationRow.is_draft.is_(False),
            same,
            like(ClassRow.name, value),
        )
        .correlate(ImageRow)
    )


def in_split(value: str) -> Condition:
    """Images of a split; `none` are those of which nothing is said. Raises BadInput for another word."""
    word = {"valid": "val", "validation": "val"}.get(value.lower(), value.lower())
    if word not in _SPLITS:
        raise BadInput(f"{value[:40]!r} is no split; expected train, val (or valid), test, or none: of no split.")
    return func.coalesce(ImageRow.split, "none") == word  # never null: what is negated must have an answer


def _split(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadInput(f"The query cannot be read at {text[at:].strip()[:40]!r}; a quote may be open.")
        tokens.append(match[match.lastgroup or 0])
        at = match.end()
    return tokens


def _any_of(tokens: _Tokens, depth: int) -> Condition:
    if depth > DEPTH_MAX:
        raise BadInput(f"The query has more than {DEPTH_MAX} brackets or negations in each other; make it plainer.")
    parts = [_all_of(tokens, depth)]
    while tokens.peek() == "OR":
        tokens.take()
        parts.append(_all_of(tokens, depth))
    return or_(*parts)


def _all_of(tokens: _Tokens, depth: int) -> Condition:
    parts = [_one(tokens, depth)]
    while (following := tokens.peek()) not in (None, ")", "OR"):
        if following == "AND":
            tokens.take()
        parts.append(_one(tokens, depth))
    return and_(*parts)


def _one(tokens: _Tokens, depth: int) -> Condition:
    if tokens.peek() in (None, ")", "AND", "OR"):
        found = tokens.peek() or "its end"
        raise BadInput(f"The query has {found} where a word or field:value was expected.")
    if depth > DEPTH_MAX:
        raise BadInput(f"The query has more than {DEPTH_MAX} brackets or negations in each other; make it plainer.")
    token = tokens.take()
    if token in ("NOT", "-"):
        return not_(_one(tokens, depth + 1))
    if token == "(":
        inside = _any_of(tokens, depth + 1)
        if tokens.peek() != ")":
            raise BadInput("The query has a ( that is never closed.")
        tokens.take()
        return inside
    return _term(token)


def _term(token: str) -> Condition:
    match = re.fullmatch(r"([\w-]+):(.*)", token, re.DOTALL)
    if match is None:
        word = token.strip('"')
        if word in ("", "*"):
            return true()
        return or_(like(ImageRow.name, word, anywhere=True), has_tag(word), has_class(word))
    field, value = match[1].lower(), match[2].strip('"')
    if field not in _FIELDS:
        raise BadInput(
            f"{field[:40]!r} is no field to search by; known are {', '.join(_FIELDS)}. "
            'A word with a colon goes into quotes: "a:b".'
        )
    return _FIELDS[field](value)


def _project(value: str) -> Condition:
    # Every image is in a project here; clients ask `project:false` for those in none.
    if value.lower() in _FALSE:
        return false()
    return true() if value.lower() in _TRUE else or_(like(ProjectRow.slug, value), like(ProjectRow.name, value))


def _dataset(value: str) -> Condition:
    if value.lower() in _TRUE | _FALSE:
        return ImageRow.in_dataset.is_(value.lower() in _TRUE)
    return and_(_project(value), ImageRow.in_dataset)


def _batch(value: str) -> Condition:
    named = select(BatchRow.id).where(like(BatchRow.name, value) | (BatchRow.id == value))
    return func.coalesce(ImageRow.batch_id, "").in_(named)


def _review(value: str) -> Condition:
    if value.lower() not in REVIEWS:
        raise BadInput(f"{value[:40]!r} is no review; expected one of {', '.join(REVIEWS)}.")
    return ImageRow.review == value.lower()


def _truth(column: InstrumentedAttribute[bool]) -> Callable[[str], Condition]:
    def condition(value: str) -> Condition:
        if value.lower() not in _TRUE | _FALSE:
            raise BadInput(f"Expected true or false; the query has {value[:40]!r}.")
        return column.is_(value.lower() in _TRUE)

    return condition


def _bound(what: SQLColumnExpression[int], *, is_least: bool) -> Callable[[str], Condition]:
    def condition(value: str) -> Condition:
        if not re.fullmatch(r"\d{1,9}", value):
            raise BadInput(f"Expected a whole number to compare with; the query has {value[:40]!r}.")
        return what >= int(value) if is_least else what <= int(value)

    return condition


def _boxes() -> ColumnElement[int]:
    mine = (AnnotationRow.image_id == ImageRow.id) & AnnotationRow.is_draft.is_(False)
    return select(func.count()).where(mine).correlate(ImageRow).scalar_subquery()


_FIELDS: dict[str, Callable[[str], Condition]] = {
    "tag": has_tag,
    "class": has_class,
    "split": in_split,
    "filename": lambda value: like(ImageRow.name, value, anywhere="*" not in value),
    "project": _project,
    "dataset": _dataset,
    "annotation-group": lambda value: like(ProjectRow.annotation_group, value),
    "batch": _batch,
    "job": lambda value: func.coalesce(ImageRow.job_id, "") == value,
    "id": lambda value: ImageRow.id == value,
    "review": _review,
    "annotated": _truth(ImageRow.is_labelled),
    "min-width": _bound(ImageRow.width_px, is_least=True),
    "max-width": _bound(ImageRow.width_px, is_least=False),
    "min-height": _bound(ImageRow.height_px, is_least=True),
    "max-height": _bound(ImageRow.height_px, is_least=False),
    "min-annotations": _bound(_boxes(), is_least=True),
    "max-annotations": _bound(_boxes(), is_least=False),
}
