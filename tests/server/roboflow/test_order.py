"""No route of the Roboflow surface is hidden by an earlier one. Run: pytest tests/server/roboflow/test_order.py."""

import re

from fastapi.routing import APIRoute
from starlette.routing import Match

from epochal.server import roboflow
from epochal.server.roboflow.routing import RoboflowRoute

ROUTES = [route for router in roboflow.ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def _example(path: str) -> str:
    """An address of a path whose variable parts are words that no route has."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: f"some-{found[1]}", path)


def test_every_route_is_reached_at_its_own_address() -> None:
    hidden = []
    for route in ROUTES:
        for method in route.methods:
            query = b"api_key=x&" + getattr(route, "needs_query", b"")
            scope = {"type": "http", "method": method, "path": _example(route.path), "query_string": query}
            first = next((one for one in ROUTES if one.matches(scope)[0] is Match.FULL), None)
            if first is not route:
                hidden.append(f"{method} {route.path} is taken by {first.path if first else 'nobody'}")
    assert ROUTES
    assert not hidden, hidden


def test_every_route_is_told_apart_from_those_of_the_native_api() -> None:
    for route in ROUTES:
        assert not route.include_in_schema, route.path
        assert isinstance(route, RoboflowRoute), f"{route.path}: begin its file with roboflow_router()"
