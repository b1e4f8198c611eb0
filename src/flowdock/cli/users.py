"""`flowdock users`: who is here."""

from typing import Annotated

import typer

from flowdock.cli.options import ApiUrl, FlowName, Json, Token, one_name
from flowdock.protocol.types import User


def users(
    *,
    org: Annotated[
        str | None, typer.Option(metavar="ORG", callback=one_name, help="Only the people of this organization.")
    ] = None,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Show the people, of everything or of one organization or flow.

    Examples:
      flowdock users
      flowdock users --org acme --json | jq -r .email
    """
    if org is not None and flow is not None:
        raise typer.BadParameter("--org and --flow exclude each other")
    from flowdock.cli import session, table

    found: list[User]
    with session.opened(token=token, api_url=api_url) as opened:
        if org is not None:
            found = [*opened.client.organization_users(opened.org(org))]
        elif flow is not None:
            found = [*opened.flow(flow).users()]
        else:
            found = opened.client.users()
    table.show(found, _row, empty="nobody is here; 'flowdock invite' asks people in", as_json=as_json)


def _row(user: User) -> list[str]:
    told = {"admin": "administrator", "flow_admin": "administrator"}
    notes = [text for member, text in told.items() if user.get(member)]
    notes += ["not in the flow"] if user.get("in_flow") is False else []
    notes += [str(user.get("status"))] if user.get("status") else []
    return [user["nick"], user["name"], user["email"], ", ".join(notes)]
