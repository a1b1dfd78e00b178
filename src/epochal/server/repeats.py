"""A parameter of a query that comes twice is refused where one value is meant: which of them should count?

FastAPI takes the last. Lists, such as `?run=a&run=b`, come as often as they like; names that nobody asks for do too.
"""

from collections import Counter
from typing import Any

from fastapi import Depends, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from epochal.errors import BadInput


async def _refuse_repeats(request: Request) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    if len(names) == len(set(names)):
        return
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    single = _single_parameters(route)
    for name, times in Counter(names).items():
        if times > 1 and name in single:
            raise BadInput(f"The parameter {name!r} came {times} times; expected it once.")


def _single_parameters(route: APIRoute) -> frozenset[str]:
    """The names of a route's parameters that have one value."""
    return frozenset(
        field.alias for field in get_flat_params(route.dependant) if not _is_list(field.field_info.annotation)
    )


def _is_list(annotation: Any) -> bool:
    schema = TypeAdapter(annotation).json_schema()
    return any(part.get("type") == "array" for part in (schema, *schema.get("anyOf", ())))


ONE_OF_EACH = Depends(_refuse_repeats)
"""For the routers of the native API."""
