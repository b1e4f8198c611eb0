"""`flowdock create-flow`: make a flow."""

from enum import StrEnum
from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, Json, Token, one_name


class Access(StrEnum):
    """Who may come in."""

    INVITATION = "invitation"
    LINK = "link"
    ORGANIZATION = "organization"


def create_flow(
    org: Annotated[str, typer.Argument(metavar="ORG", callback=one_name, help="The organization, such as acme.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name for people.")],
    *,
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")] = None,
    access: Annotated[
        Access, typer.Option(help="Who may come in: who is invited, has the link, or is of the organization.")
    ] = Access.INVITATION,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Make a flow, and print its name as --flow takes it.

    Example:
      flowdock create-flow acme "Coffee machine" --access organization
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        made = opened.client.create_flow(opened.org(org), name, description=description, access_mode=access.value)
    terminal.tell(made, session.name_of(made), as_json=as_json)
