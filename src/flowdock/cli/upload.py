"""`flowdock upload`: share files."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.failures import Failure
from flowdock.cli.options import ApiUrl, FlowName, Json, ThreadId, To, Token

STANDARD_INPUT = Path("-")


def upload(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to share; - is standard input.")],
    *,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The name it goes by, instead of the file's own.")
    ] = None,
    thread: ThreadId = None,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Share files, and print the number of each message.

    Examples:
      flowdock upload diagram.png
      flowdock upload *.log --thread 42
      pg_dump tracker | flowdock upload - --name tracker.sql
    """
    from flowdock.cli import session, transfers

    if name is not None and len(files) > 1:
        raise Failure(f"{len(files)} files cannot all be named {name!r}; upload them one by one, or without --name")
    for file in files:
        if file == STANDARD_INPUT and name is None:
            raise Failure("what comes from standard input has no name; give one with --name; nothing was uploaded")
        if file != STANDARD_INPUT and not file.is_file():
            raise Failure(f"{str(file)!r} is not a file that can be read; nothing was uploaded")
    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.place(flow=flow, to=to, thread=thread)
        for file in files:
            with transfers.shown(name or file.name) as progress:
                given = sys.stdin.buffer if file == STANDARD_INPUT else file
                message = place.upload(given, name=name, progress=progress)
            if as_json:
                terminal.say_json(message)
            else:
                terminal.say(str(message["id"]))
