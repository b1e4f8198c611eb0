"""`flowdock rethread`: move a message to another thread."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Number, ThreadId, Token


def rethread(
    number: Number,
    *,
    thread: ThreadId = None,
    own: Annotated[bool, typer.Option("--own", help="Begin a thread with it.")] = False,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Move a message to another thread, and print the id of that thread.

    Examples:
      flowdock rethread 43 --thread 42
      flowdock rethread 43 --own
    """
    if own == (thread is not None):
        raise typer.BadParameter("give either --thread or --own")
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        wanted = None if thread is None else opened.thread_id(place, thread)
        opened.message(place, number)  # so that a 404 that follows is about the thread
        place.rethread(number, wanted)
        message = place.show(number)
    terminal.tell(message, str(message.get("thread_id")), as_json=as_json)
