"""`flowdock unread`: what waits for one."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Token
from flowdock.protocol.resources import Unread


def unread(
    *,
    mark: Annotated[bool, typer.Option("--mark", help="Have read it all.")] = False,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show how much waits for you in each flow.

    Examples:
      flowdock unread
      flowdock unread --flow acme/main --mark
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        flows = {one["id"]: session.name_of(one) for one in opened.client.flows()}
        found = opened.client.unread() if flow is None else [opened.flow(flow).unread()]
        waiting = [one for one in found if one["count"] and one["flow"] in flows]
        if mark:
            found = [opened.flow(flows[one["flow"]]).mark_read() for one in waiting]
    if mark and not as_json:
        terminal.say(f"read {sum(one['count'] for one in waiting)}")
        return

    def row(one: Unread) -> list[str]:
        threads = len(one["threads"])
        return [flows[one["flow"]], f"{one['count']} in {threads} thread{'' if threads == 1 else 's'}"]

    table.show(found if as_json else waiting, row, empty="nothing waits for you", as_json=as_json)
