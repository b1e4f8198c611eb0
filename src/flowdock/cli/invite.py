"""`flowdock invite`: ask people into a flow."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, FlowName, Json, Token


def invite(
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Their e-mail addresses.")],
    *,
    message: Annotated[str | None, typer.Option("--message", "-m", metavar="TEXT", help="What to tell them.")] = None,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Ask people into a flow.

    A server that sends no mail answers with a link for each of them, to hand on. The same address again is asked anew.

    Example:
      flowdock invite dora@example.com emil@example.com --message "Lamps are here"
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        for address in addresses:
            invitation = place.invite(address, message)
            what_next = invitation.get("invitation_url") or "was sent an invitation"
            terminal.tell(invitation, f"{invitation['email']}  {what_next}", as_json=as_json)
