"""What `flowdock up` says when it is ready, and the profile it writes so that other commands need no options."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from flowdock.cli import terminal
from flowdock.cli.addresses import is_here
from flowdock.cli.serve import Server
from flowdock.cli.up.demo import Credentials
from flowdock.client import profile
from flowdock.protocol.errors import BadSetting

Row: TypeAlias = Sequence[str | tuple[str, str]]
"""The pieces of a line, those that have one with their style."""

_UNKNOWN: dict[str, None] = dict.fromkeys(Credentials.__annotations__)


def announce(server: Server, credentials: Credentials | None, *, as_json: bool) -> None:
    """Write the profile, then print everything that one needs to talk to the server."""
    remark = None if credentials is None else _remember(server, credentials)
    try:
        if as_json:
            terminal.say_json(_addresses(server) | (dict(credentials) if credentials else _UNKNOWN))
        else:
            _print(server, credentials)
        if remark:
            terminal.remark(remark)
    except BrokenPipeError:
        pass  # nobody reads what it says, but somebody may talk to it


def snippet(url: str, credentials: Credentials) -> str:
    """Five lines of Python that work when pasted."""
    org, flow = credentials["org"], credentials["flow"]
    return "\n".join(
        (
            "import flowdock",
            f'url, token = "{url}", "{credentials["token"]}"',
            f'flow = flowdock.connect(api_url=url, token=token, org="{org}", flow="{flow}")',
            'message = flow.send("Hello from Python", tags=["greeting"])',
            'print(flow.thread(message["thread_id"]).send("This is a reply")["content"])',
        )
    )


def _addresses(server: Server) -> dict[str, object]:
    return {"api_url": server.url, "stream_url": f"{server.url}/stream", "web_url": server.url}


def _remember(server: Server, credentials: Credentials) -> str | None:
    """Write the profile; what there is to say if that cannot or should not be done."""
    path = profile.place(os.environ)
    instead = f"for this server set FLOWDOCK_API_URL={server.url} and FLOWDOCK_TOKEN"
    try:
        other = profile.read(path).get("api_url")
        if other is not None and not is_here(other):
            return f"the profile {path} belongs to {other} and was left as it is; {instead}"
        profile.write(
            path,
            {
                "api_url": server.url,
                "stream_url": f"{server.url}/stream",
                "org": credentials["org"],
                "flow": credentials["flow"],
                "token": credentials["token"],
                "flow_token": credentials["flow_token"],
            },
        )
    except BadSetting as error:
        return f"{error}; {instead}"
    except OSError as error:
        return f"the profile {path} cannot be written ({error.strerror}); {instead}"
    return None


def _print(server: Server, credentials: Credentials | None) -> None:
    from rich.text import Text

    console = terminal.console()
    rows = [*_where(server), *(_who(credentials) if credentials else _nobody(server)), *_how(server, credentials)]
    for row in rows:
        console.print(Text.assemble(*row))
    sys.stdout.flush()


def _where(server: Server) -> list[Row]:
    named = {"API": server.url, "Stream": f"{server.url}/stream", "Page": server.url, "Data": str(server.settings.data)}
    return [
        [("Flowdock is running", "bold green")],
        [],
        *((f"  {name:<8}", (value, "cyan")) for name, value in named.items()),
    ]


def _who(credentials: Credentials) -> list[Row]:
    accounts = (credentials["user"], credentials["second_user"], credentials["bot"])
    rows = [(one["nick"], one["email"], one["password"] or "(a bot)", one["token"]) for one in accounts]
    titles = ("Nick", "E-mail", "Password", "Token")
    nick, email, password, _ = (max(map(len, column)) for column in zip(titles, *rows, strict=True))

    def row(cells: tuple[str, str, str, str], style: str) -> Row:
        return [f"  {cells[0]:<{nick}}  {cells[1]:<{email}}  {cells[2]:<{password}}  ", (cells[3], style)]

    return [
        [],
        [(f"In {credentials['org']}/{credentials['flow']}", "bold")],
        [],
        [("".join(str(piece) for piece in row(titles, "")[:1]) + titles[3], "dim")],
        *(row(cells, "cyan") for cells in rows),
        [],
        ["  Flow token of an integration: ", (credentials["flow_token"], "cyan")],
    ]


def _nobody(server: Server) -> list[Row]:
    return [
        [],
        ["This folder was filled by somebody else. A token for one of its people:"],
        [],
        [(f"  {_program()} admin create-token NICK --data {server.settings.data}", "cyan")],
    ]


def _how(server: Server, credentials: Credentials | None) -> list[Row]:
    rows: list[Row] = []
    if credentials:
        rows += [
            [],
            [("In another terminal", "bold")],
            [],
            [(f'  {_program()} send "Hello"', "cyan")],
            [(f"  {_program()} tail --since 0", "cyan")],
            [],
            [(f"In Python{_which_python()}", "bold")],
            [],
            *([(line, "cyan")] for line in snippet(server.url, credentials).split("\n")),
        ]
    return [*rows, [], [("Ctrl-C stops it; the same command starts it again with all it holds.", "dim")]]


def _is_on_path() -> bool:
    return shutil.which("flowdock") is not None


def _program() -> str:
    """What to type for this program, from here."""
    if _is_on_path():
        return "flowdock"
    called = Path(sys.argv[0])
    return f"{sys.executable} -m flowdock" if called.suffix == ".py" else os.path.relpath(called)


def _which_python() -> str:
    return "" if _is_on_path() else f" ({os.path.relpath(sys.executable)})"
