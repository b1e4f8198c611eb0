"""`flowdock search`: messages by words and tags."""

from itertools import islice
from typing import Annotated

import typer

from flowdock.cli import completion
from flowdock.cli.options import PAGE, ApiUrl, FlowName, HowMany, Json, To, Token


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="Whole words, all of them needed.")
    ] = None,
    *,
    everywhere: Annotated[
        bool,
        typer.Option("--everywhere", help="In all flows and conversations; among WORDS may be the operators below."),
    ] = False,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            "-t",
            metavar="TAG",
            autocompletion=completion.tags,
            help="A tag it must have; give it again for more.",
        ),
    ] = None,
    limit: HowMany = 30,
    skip: Annotated[int, typer.Option(metavar="N", min=0, help="Pass over the newest so many.")] = 0,
    flow: FlowName = None,
    to: To = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Find messages by words, tags or both. The newest come last.

    With --everywhere: from:nick, in:org/flow, tag:name, before:2026-01-31, after:2026-01-01, has:file, has:link, and a
    last word that is a beginning, as lam*.

    Examples:
      flowdock search coffee machine
      flowdock search --tag todo --tag @alice
      flowdock search --everywhere from:alice lamp has:file
    """
    if not words and not tag:
        raise typer.BadParameter("give WORDS, --tag or both")
    if everywhere and (flow is not None or to is not None or skip):
        raise typer.BadParameter("--everywhere excludes --flow, --to and --skip; in:org/flow among WORDS names a flow")
    from flowdock.cli import session, showing

    with session.opened(token=token, api_url=api_url) as opened:
        if everywhere:
            # Tags first, because the last word may be a beginning.
            wanted = " ".join([*(f"tag:{one}" for one in tag or ()), *(words or ())])
            if limit <= PAGE:
                hits = opened.client.search(wanted, limit=limit)["results"]
            else:
                hits = list(islice(opened.client.hits(wanted), limit))
            showing.show_hits(hits[::-1], people=opened.client.users, as_json=as_json)
        else:
            place = opened.conversation(flow=flow, to=to)
            text = " ".join(words or ())
            if limit <= PAGE:
                messages = place.list(search=text, tags=tag or [], limit=limit, skip=skip)
            else:
                walked = place.messages(search=text or None, tags=tag or None, newest_first=True)
                messages = list(islice(walked, skip, skip + limit))[::-1]
            showing.show(messages, people=opened.people, as_json=as_json)
