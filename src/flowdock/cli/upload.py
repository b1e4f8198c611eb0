"""`flowdock upload`: share files."""

from pathlib import Path
from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.failures import Failure
from flowdock.cli.options import ApiUrl, FlowName, Json, ThreadId, To, Token


def upload(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to share.")],
    *,
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
    """
    from flowdock.cli import session, transfers

    for file in files:
        if not file.is_file():
            raise Failure(f"{str(file)!r} is not a file that can be read; nothing was uploaded")
    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.place(flow=flow, to=to, thread=thread)
        for file in files:
            with transfers.shown(file.name) as progress:
                message = place.upload(file, progress=progress)
            if as_json:
                terminal.say_json(message)
            else:
                terminal.say(str(message["id"]))
