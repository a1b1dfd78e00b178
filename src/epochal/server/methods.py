"""Which methods an address takes: for `Allow`, and to tell "not this way" (405) from "not there" (404).

The framework itself names the methods of the first route alone that has the address.
"""

from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

_WORDS = {"delete", "merge", "restore"}  # what can be done with many at once; no id is so short
_OF_ONE = ("{batch}", "{image}")


class WordsFirst(APIRoute):
    """A route that takes no word for an id: `PATCH …/images/delete` is no change of an image called `delete`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As usual, but never a word that is an address of its own."""
        is_word = str(scope.get("path", "")).rpartition("/")[2] in _WORDS
        return (Match.NONE, {}) if is_word and self.path.endswith(_OF_ONE) else super().matches(scope)


class Methods:
    """The methods of an application's routes, by address."""

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        """Look at every route of some routers."""
        self._routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]

    def at(self, scope: Scope) -> list[str]:
        """The methods that the address of a request takes, in alphabetical order; none where nothing is."""
        there = [route for route in self._routes if route.matches(scope)[0] is not Match.NONE]
        return sorted({method for route in there for method in route.methods or ()})
