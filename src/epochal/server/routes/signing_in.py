"""Sign in, sign out, and one's own account."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session

from epochal.errors import NotAllowed, NotSignedIn
from epochal.server.answers import Form, RequestForm
from epochal.server.callers import KeyOrPerson, SomeOne
from epochal.server.services import Served, Services
from epochal.workspaces.keys import KnownKey
from epochal.workspaces.passwords import MAX_LENGTH, fits
from epochal.workspaces.people import change_person, find_person, has_this_password, password_hash_of, set_password
from epochal.workspaces.signing_in import end_session, end_sessions_of, start_session, use_link
from epochal.workspaces.workspaces import find_workspace, workspaces_of

router = APIRouter(prefix="/api", tags=["people"])
Password = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]


class LinkForm(RequestForm):
    """What a sign-in link holds behind `token=`."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


class PasswordForm(RequestForm):
    """An account and its password."""

    email: Annotated[str, Field(min_length=3, max_length=300)]
    password: Password


class AccountForm(RequestForm):
    """What to change of one's own account; null stays as it is."""

    email: Annotated[str, Field(max_length=300)] | None = None
    name: Annotated[str, Field(max_length=100)] | None = None
    new_password: Password | None = None
    current_password: Annotated[str, Field(description="Needed to change a password or address that is there.")] = ""


class PersonAnswer(Form):
    """A person with an account."""

    id: str
    email: str
    name: str
    is_server_owner: bool
    has_password: bool


class OwnWorkspace(Form):
    """A workspace that the asker is in."""

    slug: str
    name: str
    role: Literal["owner", "member", "viewer", "key"]
    is_first: Annotated[bool, Field(description="Whose the runs of the data folder are.")]


class Me(Form):
    """Who asks; `user` is null for an API key."""

    user: PersonAnswer | None
    workspaces: list[OwnWorkspace]


@router.post("/sign-in/link")
def sign_in_by_link(form: LinkForm, served: Served, request: Request, response: Response) -> Me:
    """Sign in with a link: the one that a start of the server prints, or an invitation. It works once."""
    names = (_address(request),)
    served.tries.check(*names)
    try:
        with served.database.write() as session:
            user_id = use_link(session, form.token)
    except NotSignedIn:
        served.tries.note_wrong(*names)
        raise
    return _begin(served, user_id, response)


@router.post("/sign-in")
def sign_in_by_password(form: PasswordForm, served: Served, request: Request, response: Response) -> Me:
    """Sign in with e-mail address and password. After five wrong ones each further try has to wait longer."""
    names = (_address(request), f"account:{form.email.strip().lower()[:300]}")
    served.tries.check(*names)
    with served.database.read() as session:
        user_id, kept = password_hash_of(session, form.email)
    if not fits(form.password, kept) or user_id is None:
        served.tries.note_wrong(*names)
        raise NotSignedIn(
            "The address and the password do not belong together. On the server's machine `epochal workspace password` "
            "sets a new one."
        )
    served.tries.note_right(*names)
    return _begin(served, user_id, response)


@router.post("/sign-out", status_code=204)
def sign_out(served: Served, request: Request, person: SomeOne) -> Response:
    """End this browser's session."""
    with served.database.write() as session:
        end_session(session, request.cookies.get(served.cookie.name, ""))
    served.keys.forget_all()
    response = Response(status_code=204)
    served.cookie.clear(response)
    return response


@router.get("/me")
def get_me(served: Served, asker: KeyOrPerson) -> Me:
    """Who asks, and the workspaces that they are in."""
    with served.database.read() as session:
        if not isinstance(asker, KnownKey):
            return _me(served, session, asker.user_id)
        name = find_workspace(session, asker.workspace_slug).name
    is_first = asker.workspace_slug == served.first_workspace
    return Me(user=None, workspaces=[OwnWorkspace(slug=asker.workspace_slug, name=name, role="key", is_first=is_first)])


@router.patch("/me")
def change_me(form: AccountForm, served: Served, request: Request, person: SomeOne) -> Me:
    """Change one's name, address or password. A new password signs all other browsers out."""
    names = (f"account:{person.user_id}",)
    served.tries.check(*names)
    with served.database.write() as session:
        needs_password = form.new_password is not None or form.email is not None
        if needs_password and not has_this_password(session, person.user_id, form.current_password):
            served.tries.note_wrong(*names)
            raise NotAllowed("The current password is another one; nothing was changed.")
        change_person(session, person.user_id, email=form.email, name=form.name)
        if form.new_password is not None:
            set_password(session, person.user_id, form.new_password)
            end_sessions_of(session, person.user_id, but=request.cookies.get(served.cookie.name))
            served.keys.forget_all()
        return _me(served, session, person.user_id)


def _begin(served: Services, user_id: str, response: Response) -> Me:
    with served.database.write() as session:
        served.cookie.set(response, start_session(session, user_id))
        return _me(served, session, user_id)


def _me(served: Services, session: Session, user_id: str) -> Me:
    joined = [
        {"slug": one.slug, "name": one.name, "role": role, "is_first": one.slug == served.first_workspace}
        for one, role in workspaces_of(session, user_id)
    ]
    return Me.model_validate({"user": find_person(session, user_id), "workspaces": joined})


def _address(request: Request) -> str:
    return f"address:{request.client.host if request.client else ''}"
