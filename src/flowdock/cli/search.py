"""`flowdock search`: messages by words and tags."""

from typing import Annotated

import typer

from flowdock.cli.options import ApiUrl, FlowName, Json, Limit, To, Token


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="Whole words, all of them needed.")
    ] = None,
    *,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", metavar="TAG", help="A tag it must have; give it again for more.")
    ] = None,
    limit: Limit = 30,
    skip: Annotated[int, typer.Option(metavar="N", min=0, help="Pass over the newest so many.")] = 0,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Find messages by words, tags or both. The newest come last.

    Examples:
      flowdock search coffee machine
      flowdock search --tag todo --tag @alice
    """
    if not words and not tag:
        raise typer.BadParameter("give WORDS, --tag or both")
    from flowdock.cli import session, showing

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.conversation(flow=flow, to=to)
        messages = place.list(search=" ".join(words or ()), tags=tag or [], limit=limit, skip=skip)
        showing.show(messages, people=opened.people, as_json=as_json)
