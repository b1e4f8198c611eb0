"""`flowdock join-link`: the address by which people come into a flow."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Token


def join_link(
    *,
    renew: Annotated[bool, typer.Option("--renew", help="Make one; the one before ends.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="End it.")] = False,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show the address by which people come into a flow.

    Examples:
      flowdock join-link --renew
      flowdock join-link --remove
    """
    if renew and remove:
        raise typer.BadParameter("--renew and --remove exclude each other")
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        if remove:
            place.remove_join_url()
            terminal.tell({"join_url": None}, "it is ended", as_json=as_json)
            return
        found = place.renew_join_url() if renew else place.join_url()
    if found["join_url"] is None and not as_json:
        terminal.remark("there is none; 'flowdock join-link --renew' makes one")
    else:
        terminal.tell(found, found["join_url"] or "", as_json=as_json)
