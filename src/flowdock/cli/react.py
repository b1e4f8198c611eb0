"""`flowdock react`: answer with an emoji."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Number, To, Token


def react(
    number: Number,
    emoji: Annotated[str, typer.Argument(metavar="EMOJI", help="Its short name, such as thumbsup.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take the reaction back.")] = False,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Answer a message with an emoji.

    Examples:
      flowdock react 42 thumbsup
      flowdock react 42 thumbsup --remove
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.conversation(flow=flow, to=to)
        opened.seek_message(number)
        if remove:
            place.unreact(number, emoji)
        else:
            place.react(number, emoji)
        message = place.show(number) if as_json else None
    name = f":{emoji.strip(':')}:"
    told = f"took {name} back from {number}" if remove else f"reacted to {number} with {name}"
    terminal.tell(message, told, as_json=as_json)
