"""`flowdock status`: say what one is doing."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Token


def status(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you are doing.")],
    *,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Say what you are doing, beside your name in a flow, and print the number of the message.

    Example:
      flowdock status "at lunch"
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        message = opened.flow(flow).status(text)
    terminal.tell(message, str(message["id"]), as_json=as_json)
