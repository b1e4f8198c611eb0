"""`flowdock block`: put somebody out of a flow."""

from typing import Annotated

import typer

from flowdock.cli import completion, terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Token


def block(
    nick: Annotated[
        str, typer.Argument(metavar="NICK", autocompletion=completion.nicks, help="Who it is, as mentions have it.")
    ],
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Put somebody out of a flow. What they said there stays.

    Examples:
      flowdock block bob --flow acme/main
      flowdock block bob --flow acme/main --undo
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place, uid = opened.flow(flow), opened.uid(nick)
        opened.seek(f"{nick!r} is not in {opened.name}; 'flowdock users --flow {opened.name}' shows who is")
        (place.unblock if undo else place.block)(uid)
    told = f"{nick} is in {opened.name} again" if undo else f"{nick} is no longer in {opened.name}"
    terminal.tell({"flow": opened.name, "user": uid, "blocked": not undo}, told, as_json=as_json)
