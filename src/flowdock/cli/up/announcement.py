"""What `flowdock up` says when it is ready."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from flowdock.cli import terminal
from flowdock.cli.serve import Server
from flowdock.cli.up.demo import Credentials
from flowdock.cli.up.remembering import remember

Row: TypeAlias = Sequence[str | tuple[str, str]]
"""The pieces of a line, those that have one with their style."""

_UNKNOWN: dict[str, None] = dict.fromkeys(Credentials.__annotations__)


def announce(server: Server, credentials: Credentials | None, *, as_json: bool) -> None:
    """Write the profile, then print everything that one needs to talk to the server."""
    forgotten = None if credentials is None else remember(server, credentials)
    if as_json:
        terminal.say_json(_addresses(server) | (dict(credentials) if credentials else _UNKNOWN))
    else:
        _print([*_where(server), *_who(server, credentials, is_remembered=forgotten is None), *_END])
    if forgotten:
        terminal.remark(forgotten)


def snippet(url: str, credentials: Credentials) -> Sequence[str]:
    """Five lines of Python that work when pasted."""
    org, flow = credentials["org"], credentials["flow"]
    return (
        "import flowdock",
        f'url, token = "{url}", "{credentials["token"]}"',
        f'flow = flowdock.connect(api_url=url, token=token, org="{org}", flow="{flow}")',
        'message = flow.send("Hello from Python", tags=["greeting"])',
        'print(flow.thread(message["thread_id"]).send("This is a reply")["content"])',
    )


def _addresses(server: Server) -> dict[str, object]:
    return {"api_url": server.url, "stream_url": server.stream_url, "web_url": server.url}


def _print(rows: Sequence[Row]) -> None:
    from rich.text import Text

    console = terminal.console()
    for row in rows:
        console.print(Text.assemble(*row))
    sys.stdout.flush()


_END: Sequence[Row] = ([], [("Ctrl-C stops it; the same command starts it again with all it holds.", "dim")])


def _where(server: Server) -> list[Row]:
    named = {"API": server.url, "Stream": server.stream_url, "Page": server.url, "Data": str(server.settings.data)}
    return [
        [("Flowdock is running", "bold green")],
        [],
        *((f"  {name:<8}", (value, "cyan")) for name, value in named.items()),
    ]


def _who(server: Server, credentials: Credentials | None, *, is_remembered: bool) -> list[Row]:
    if credentials is None:
        create = f"  {_program()} admin create-token NICK --data {server.settings.data}"
        return _section("Somebody else filled this folder; a token for one of its people", [[(create, "cyan")]])
    commands = [] if is_remembered else [f"export FLOWDOCK_API_URL={server.url} FLOWDOCK_TOKEN={credentials['token']}"]
    commands += [f'{_program()} send "Hello"', f"{_program()} tail --since 0"]
    return [
        *_section(f"In {credentials['org']}/{credentials['flow']}", _accounts(credentials)),
        *_section("In another terminal", [[(f"  {command}", "cyan")] for command in commands]),
        # Not indented, so that they can be pasted.
        *_section(f"In Python{_which_python()}", [[(line, "cyan")] for line in snippet(server.url, credentials)]),
    ]


def _section(title: str, rows: Sequence[Row]) -> list[Row]:
    return [[], [(title, "bold")], [], *rows]


def _accounts(credentials: Credentials) -> list[Row]:
    accounts = (credentials["user"], credentials["second_user"], credentials["bot"])
    table = [
        ("Nick", "E-mail", "Password", "Token"),
        *((one["nick"], one["email"], one["password"] or "(a bot)", one["token"]) for one in accounts),
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    titles, *lines = (
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
    )
    return [
        [(titles, "dim")],
        *((line.removesuffix(one["token"]), (one["token"], "cyan")) for line, one in zip(lines, accounts, strict=True)),
        [],
        ["  Flow token of an integration: ", (credentials["flow_token"], "cyan")],
    ]


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
