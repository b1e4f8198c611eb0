"""`flowdock tail`: what happens, as it happens."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, To, Token


def tail(
    *,
    since: Annotated[
        int | None,
        typer.Option(metavar="ID", min=0, help="Begin right after the message of this number; 0 is the beginning."),
    ] = None,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show what happens, as it happens, until Ctrl-C.

    The colour of the mark before a message is that of its thread. When the connection is cut, it goes on where it was.

    Examples:
      flowdock tail --since 42
      flowdock tail --json | jq -r 'select(.event == "message").content'
    """
    from flowdock.cli import history, session, showing

    try:
        with session.opened(token=token, api_url=api_url) as opened:
            place = opened.conversation(flow=flow, to=to)
            if terminal.is_watched() and not as_json:
                terminal.remark(f"listening to {opened.name}; Ctrl-C ends")
            events = place.events() if since is None else history.since(place, since)
            showing.show(events, people=opened.people, as_json=as_json)
    except KeyboardInterrupt:
        terminal.end_line()
        raise typer.Exit(0) from None
