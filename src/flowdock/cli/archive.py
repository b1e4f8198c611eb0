"""`flowdock archive`: put a flow to rest."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowArgument, Json, Token


def archive(
    flow: FlowArgument,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Wake it again.")] = False,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Put a flow to rest: it can be read, and nothing can be said in it any more.

    Examples:
      flowdock archive acme/main
      flowdock archive acme/main --undo
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        changed = opened.flow(flow).update(disabled=not undo)
    told = f"{flow} is in use again" if undo else f"{flow} is archived; --undo wakes it again"
    terminal.tell(changed, told, as_json=as_json)
