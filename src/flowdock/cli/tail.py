"""`flowdock tail`: what happens, as it happens."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowdock.cli import completion, terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Tags, ThreadId, To, Token, flow_names

if TYPE_CHECKING:
    from flowdock.cli.filters import Filters
    from flowdock.cli.listening import Heard
    from flowdock.cli.session import Session


def tail(
    flows: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ORG/FLOW",
            callback=flow_names,
            autocompletion=completion.flows,
            help="The flows; else that of the profile, else the only one.",
        ),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All your flows, also those you come into later.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Your private conversations, too.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="ID|TIME",
            help="Begin after the message of this number, or at a time: 2h, 3d, today, 2026-01-31T09:30.",
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Remember there how far it has come, and go on there the next time."),
    ] = None,
    tag: Tags = None,
    thread: ThreadId = None,
    sender: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="NICK", autocompletion=completion.nicks, help="Who says it; again for more."),
    ] = None,
    event: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only this kind: message, file ...; or several: a,b.")
    ] = None,
    mentions: Annotated[bool, typer.Option("--mentions", help="Only what means you.")] = False,
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
      flowdock tail acme/main acme/ops --since 2h
      flowdock tail --all --private --mentions
      flowdock tail --event message --json --checkpoint seen.db | jq .content
    """
    from flowdock.cli import beginnings, listening, session, showing

    wanted = listening.Range(
        flows=[*(flows or ()), *([flow] if flow else ())], to=to, everything=everything, private=private
    )
    wanted.check()
    moment = None if since is None else beginnings.since(since, now=datetime.now().astimezone())
    try:
        with session.opened(token=token, api_url=api_url) as opened:
            heard = listening.Heard(opened, wanted)
            stream = heard.begin(since=moment, checkpoint=checkpoint, tell=True)
            filters = _filters(
                opened, heard, tags=tag, thread=thread, senders=sender, kinds=event, is_mentioned=mentions
            )
            if terminal.is_watched() and not as_json:
                terminal.remark(f"listening to {heard.name}; Ctrl-C ends")
            with stream:
                showing.follow(stream, heard, wanted=filters.hold, people=opened.people, as_json=as_json)
    except KeyboardInterrupt:
        terminal.end_line()
        raise typer.Exit(0) from None


def _filters(
    opened: "Session",
    heard: "Heard",
    *,
    tags: list[str] | None,
    thread: str | None,
    senders: list[str] | None,
    kinds: str | None,
    is_mentioned: bool,
) -> "Filters":
    from flowdock.cli.filters import Filters

    me = opened.client.me() if is_mentioned else None
    return Filters(
        tags=tags or (),
        kinds=[kind.strip() for kind in kinds.split(",")] if kinds else (),
        senders=[str(opened.uid(nick)) for nick in senders or ()],
        thread=None if thread is None else heard.thread_id(thread),
        mentioned=None if me is None else (str(me["id"]), me["nick"]),
    )
