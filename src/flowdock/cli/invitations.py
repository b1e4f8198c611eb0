"""`flowdock invitations`: who was asked into a flow and has not answered."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Token


def invitations(
    *,
    cancel: Annotated[int | None, typer.Option(metavar="ID", min=1, help="Take this one back instead.")] = None,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show the invitations to a flow that wait for an answer.

    Examples:
      flowdock invitations
      flowdock invitations --cancel 7
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        if cancel is not None:
            opened.seek(f"no invitation {cancel} to {opened.name} waits; 'flowdock invitations' shows those that do")
            place.cancel_invitation(cancel)
            terminal.tell({"cancelled": cancel}, f"took {cancel} back", as_json=as_json)
            return
        found = place.invitations()
    empty = "no invitation waits for an answer; 'flowdock invite ADDRESS' asks somebody in"
    table.show(found, lambda one: [str(one["id"]), one["email"]], empty=empty, as_json=as_json)
