"""`flowdock flows`: the flows one is in, and those one may join."""

from typing import Annotated

import typer

from flowdock.cli.options import ApiUrl, Json, Token
from flowdock.protocol.types import Flow


def flows(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those that you may join.")] = False,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show the flows that you are in, as --flow takes them.

    Examples:
      flowdock flows
      flowdock flows --all
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.client.all_flows() if everything else opened.client.flows()
    hint = "'flowdock create-flow' makes one" if everything else "'flowdock flows --all' shows those you may join"
    table.show(found, _row, empty=f"you are in no flow; {hint}", as_json=as_json)


def _row(flow: Flow) -> list[str]:
    from flowdock.cli.session import name_of

    notes = [
        f"{flow['name']}, {flow['organization']['name']}",
        *(["archived"] if flow.get("disabled") else []),
        *([] if flow["joined"] else ["not joined"]),
    ]
    return [name_of(flow), ", ".join(notes)]
