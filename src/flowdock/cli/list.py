"""`flowdock list`: the newest messages."""

from itertools import islice
from typing import Annotated, cast

import typer

from flowdock.cli.options import PAGE, ApiUrl, FlowName, HowMany, Json, ThreadId, To, Token
from flowdock.protocol.parameters import ListParameters


def list_messages(
    *,
    limit: HowMany = 30,
    since: Annotated[int | None, typer.Option(metavar="ID", min=0, help="Only messages after this number.")] = None,
    until: Annotated[int | None, typer.Option(metavar="ID", min=0, help="Only messages before this number.")] = None,
    event: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only this kind: message, file, activity ...; or several: a,b.")
    ] = None,
    thread: ThreadId = None,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show the newest messages, the oldest of them first.

    Examples:
      flowdock list --limit 5
      flowdock list --thread 42
      flowdock list --event file --json --limit 1000
    """
    from flowdock.cli import session, showing

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.place(flow=flow, to=to, thread=thread)
        if limit <= PAGE:
            given = {"limit": limit, "since_id": since, "until_id": until, "event": event}
            found = place.list(**cast("ListParameters", {key: one for key, one in given.items() if one is not None}))
        else:
            walked = place.messages(since_id=since, until_id=until, event=event, newest_first=True)
            found = list(islice(walked, limit))[::-1]
        showing.show(found, people=opened.people, as_json=as_json)
