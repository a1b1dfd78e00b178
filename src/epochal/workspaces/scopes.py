"""What somebody may do in a workspace: scopes, of a key; and roles, which give them to a member."""

from collections.abc import Iterable

from epochal.errors import BadInput

SCOPES = ("read", "write", "train", "infer", "admin")
SCOPES_OF_ROLE = {
    "owner": frozenset(SCOPES),
    "member": frozenset({"read", "write", "train", "infer"}),
    "viewer": frozenset({"read"}),
}
ROLES = tuple(SCOPES_OF_ROLE)


def check_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """The scopes in their order, each once.

    Raises:
        BadInput: one is unknown, or there is none.
    """
    given = set(scopes)
    unknown = sorted(given - set(SCOPES))
    if unknown or not given:
        raise BadInput(f"A scope is one of {', '.join(SCOPES)}; got {', '.join(unknown) or 'none'}.")
    return tuple(scope for scope in SCOPES if scope in given)


def check_role(role: str) -> str:
    """The role, as given. Raises BadInput when it is none."""
    if role not in SCOPES_OF_ROLE:
        raise BadInput(f"A role is one of {', '.join(ROLES)}; got {role[:50]!r}.")
    return role
