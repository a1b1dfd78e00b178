"""The settings of versions as data, for a form that a page draws."""

from collections.abc import Mapping
from typing import Any

from epochal.versions.settings import FIELDS, Choice, Field, Flag, Names, Number, Shape


def describe_fields() -> dict[str, Any]:
    """{section: {step: field or {name: field}}}.

    A field is {"kind": "flag"}, {"kind": "number", "low", "high", "unit", "whole", "default"},
    {"kind": "choice", "texts"}, {"kind": "names"} or {"kind": "tags"}.
    """
    return {section: {step: _describe(shape) for step, shape in shapes.items()} for section, shapes in FIELDS.items()}


def _describe(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Mapping):
        return {"kind": "group", "fields": {name: _describe_field(field) for name, field in shape.items()}}
    return _describe_field(shape)


def _describe_field(field: Field) -> dict[str, Any]:
    if isinstance(field, Flag):
        return {"kind": "flag"}
    if isinstance(field, Number):
        return {
            "kind": "number", "low": field.low, "high": field.high, "unit": field.unit, "whole": field.whole,
            "default": field.default,
        }  # fmt: skip
    if isinstance(field, Choice):
        return {"kind": "choice", "texts": list(field.texts)}
    return {"kind": "names"} if isinstance(field, Names) else {"kind": "tags"}
