"""`flowdock download`: fetch a file that somebody shared."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.failures import Failure
from flowdock.cli.options import ApiUrl, FlowName, Token

if TYPE_CHECKING:
    from flowdock import Flow
    from flowdock.cli.session import Session


def download(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="As 'flowdock list' shows it, or the number of the file's message.")
    ],
    *,
    target: Annotated[
        str, typer.Option("--to", metavar="TARGET", help="A file, or a folder to put it in; - is standard output.")
    ] = ".",
    flow: FlowName = None,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Fetch a file, and print where it was put. Only a file that --to names is replaced.

    Examples:
      flowdock download 42
      flowdock download /files/1/Xb2rYF4mQ9/diagram.png --to pictures/
    """
    from flowdock.cli import session, transfers
    from flowdock.client import addresses
    from flowdock.protocol.errors import NotFound

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        if path.isdecimal():
            path = _path_of(opened, place, int(path))
        to = None if target == "-" else _checked_target(target, path)
        try:
            with transfers.shown(addresses.file_name(path)) as progress:
                place.download(path, to or sys.stdout.buffer, progress=progress)
        except NotFound as error:
            listed = "'flowdock list --event file' shows those there are"
            raise Failure(f"no file {path!r} for this token; {listed}") from error
        except ValueError as error:
            raise Failure(str(error)) from error
    if to is not None:
        terminal.say(str(to))


def _checked_target(target: str, path: str) -> Path:
    """The file to write, if nothing is lost by that."""
    from flowdock.client import addresses

    to = addresses.target_of(target, path)
    if to != Path(target) and to.exists():
        raise Failure(f"{str(to)!r} exists already; give another name with --to, or this one to replace it")
    if not to.parent.is_dir():
        raise Failure(f"there is no folder {str(to.parent)!r}; make it first, or give another one with --to")
    return to


def _path_of(opened: "Session", flow: "Flow", number: int) -> str:
    content = opened.message(flow, number)["content"]
    if not isinstance(content, dict) or "path" not in content:
        raise Failure(f"message {number} is not a file; 'flowdock list --event file' shows those that are")
    return str(content["path"])
