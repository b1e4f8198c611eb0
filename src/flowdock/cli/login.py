"""`flowdock login`: remember a server, a token and a flow."""

import os
import platform
import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.failures import Failure
from flowdock.cli.options import ApiUrl, FlowName, Json, Token
from flowdock.client import profile
from flowdock.client.settings import Settings

if TYPE_CHECKING:
    from flowdock.cli.session import Session


def _checked(name: str | None) -> str | None:
    if name is not None and not profile.is_name(name):
        raise typer.BadParameter(f"{name!r} is not a name such as work: letters, digits, - and _")
    return name


def login(
    *,
    name: Annotated[
        str | None,
        typer.Option(
            "--profile", metavar="NAME", callback=_checked, help="The profile to keep them in; else the one in use."
        ),
    ] = None,
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Make a token with your address and your password.")
    ] = None,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Remember a server, your token and a flow for all other commands.

    Without --token it asks for one, or reads it from standard input; an administrator makes it with 'flowdock admin
    create-token'. With --email it asks for your password instead. Other servers, or you as somebody else, go into
    profiles of their own.

    Examples:
      flowdock login --api-url https://flowdock.example.com
      flowdock login --flow acme/main < token.txt
      flowdock login --profile work --email alice@example.com
    """
    from flowdock.cli import session

    if email is not None and token is not None:
        raise typer.BadParameter("--email and --token exclude each other")
    chosen = name or profile.in_use(os.environ)
    path = profile.place(os.environ, chosen)
    where = session.found({"api_url": api_url}, path)
    given = _token_made(where, email) if email is not None else token or _asked("Token")
    where = session.found({"api_url": where.api_url, "token": given}, path)
    with session.at(where) as opened:
        user, names = opened.client.me(), _names(opened, flow)
    org, _, flow_name = (names or "").partition("/")
    values = {"api_url": where.api_url, "stream_url": where.stream_url, "token": given}
    profile.write(path, values | {"org": org or None, "flow": flow_name or None})
    goes = f"'{_command(name)}' goes to {names}" if names else "give --flow to each command, or log in again with it"
    told = f"{where.api_url} knows you as {user['nick']}; {goes}"
    terminal.tell({"profile": chosen, "api_url": where.api_url, "flow": names, "user": user}, told, as_json=as_json)


def _command(name: str | None) -> str:
    """What sends with this profile; None is the one in use."""
    return "flowdock send" if name in {None, profile.in_use(os.environ)} else f"flowdock --profile {name} send"


def _asked(what: str) -> str:
    answer = str(typer.prompt(what, hide_input=True, err=True)) if sys.stdin.isatty() else sys.stdin.readline()
    if not answer.strip():
        raise Failure(f"the {what.lower()} is empty; {_WAYS[what]}")
    return answer.strip("\r\n") if what == "Password" else answer.strip()


_WAYS = {
    "Token": "give --token, or put it on standard input",
    "Password": "type it, or put it on standard input",
}


def _token_made(where: Settings, email: str) -> str:
    """A new token of the person with this address, who tells the password for it."""
    from flowdock import Client
    from flowdock.cli import session
    from flowdock.client._sync.transport import Transport
    from flowdock.protocol.errors import Unauthorized

    credentials = b64encode(f"{email}:{_asked('Password')}".encode()).decode()
    with session.explained(where), Client(Transport(where, authorization=f"Basic {credentials}")) as client:
        try:
            return client.create_token(f"flowdock login on {platform.node() or 'a machine'}")["token"]
        except Unauthorized as error:
            raise Failure(f"{where.api_url} does not know {email} with this password") from error


def _names(opened: "Session", flow: str | None) -> str | None:
    """The flow to remember: the one given, if it is there, else the only one."""
    if flow is not None:
        opened.flow(flow).info()
        return flow
    names = opened.flow_names()
    return names[0] if len(names) == 1 else None
