"""`flowdock sources`: integrations that tell a flow something."""

from typing import Annotated, TypeAlias

import typer

from flowdock.cli import terminal
from flowdock.cli.commands import RareCommands, add
from flowdock.cli.options import ApiUrl, FlowName, Json, Token
from flowdock.protocol.resources import SourceDetails

Id: TypeAlias = Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number in 'flowdock sources list'.")]


def list_sources(*, flow: FlowName = None, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show the sources of a flow.

    Example:
      flowdock sources list
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.flow(flow).sources()
    table.show(found, _row, empty="there is no source; 'flowdock sources create NAME' makes one", as_json=as_json)


def _row(source: SourceDetails) -> list[str]:
    problem = f"has a problem: {source['error_message']}" if source["error_message"] else ""
    return [str(source["id"]), source["name"], source["external_url"] or "", problem]


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name for people, such as CI.")],
    *,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where it is at home.")] = None,
    flow: FlowName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Add a source to a flow, and print its flow token.

    The token is shown only now: the integration says things with it.

    Example:
      flowdock sources create CI --url https://ci.example.com
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        made = opened.flow(flow).create_source(name, url)
    terminal.tell(made, made.get("flow_token", ""), as_json=as_json)


def remove(
    id: Id, *, flow: FlowName = None, as_json: Json = False, token: Token = None, api_url: ApiUrl = None
) -> None:
    """Remove a source; its token ends.

    Example:
      flowdock sources remove 7
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        place = opened.flow(flow)
        opened.seek(f"there is no source {id} in {opened.name}; 'flowdock sources list' shows those there are")
        place.remove_source(id)
    terminal.tell({"removed": id}, f"removed {id}", as_json=as_json)


sources = typer.Typer(
    cls=RareCommands, help="Integrations that tell a flow something.", no_args_is_help=True, rich_markup_mode=None
)
add(sources, "list", list_sources)
add(sources, "create", create)
add(sources, "remove", remove)
