"""`flowdock login`: remember a server, a token and a flow."""

import os
import sys
from typing import TYPE_CHECKING

import typer

from flowdock.cli import terminal
from flowdock.cli.failures import Failure
from flowdock.cli.options import ApiUrl, FlowName, Token

if TYPE_CHECKING:
    from flowdock.cli.session import Session


def login(*, flow: FlowName = None, token: Token = None, api_url: ApiUrl = None) -> None:
    """Remember a server, your token and a flow for all other commands.

    They are kept in the profile. Without --token it asks for one, or reads it from standard input; an administrator
    makes it with 'flowdock admin create-token'.

    Examples:
      flowdock login --api-url https://flowdock.example.com
      flowdock login --flow acme/main < token.txt
    """
    from flowdock.cli import session
    from flowdock.client import profile

    with session.opened(token=token or _asked(), api_url=api_url) as opened:
        user, names = opened.client.me(), _names(opened, flow)
        where = opened.where
    path = profile.place(os.environ)
    values = {"api_url": where.api_url, "stream_url": where.stream_url, "token": where.token}
    org, _, name = (names or "").partition("/")
    profile.write(path, values | {"org": org or None, "flow": name or None})
    goes = f"'flowdock send' goes to {names}" if names else "give --flow to each command, or log in again with it"
    terminal.say(f"{where.api_url} knows you as {user['nick']}; {goes}")


def _asked() -> str:
    answer = str(typer.prompt("Token", hide_input=True, err=True)) if sys.stdin.isatty() else sys.stdin.readline()
    if not answer.strip():
        raise Failure("the token is empty; give --token, or put it on standard input")
    return answer.strip()


def _names(opened: "Session", flow: str | None) -> str | None:
    """The flow to remember: the one given, if it is there, else the only one."""
    if flow is not None:
        opened.flow(flow).info()
        return flow
    names = opened.flow_names()
    return names[0] if len(names) == 1 else None
