"""`flowdock tokens`: what opens one's own account."""

from enum import StrEnum
from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.commands import RareCommands, add
from flowdock.cli.options import ApiUrl, Json, Token
from flowdock.protocol.resources import TokenDetails


class Scope(StrEnum):
    """What a limited token may be used for."""

    FLOW = "flow"
    PRIVATE = "private"
    MANAGE = "manage"
    PROFILE = "profile"
    INTEGRATION = "integration"


def list_tokens(*, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show what your tokens are for, and when each was used last.

    Example:
      flowdock tokens list
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.client.tokens()
    table.show(found, _row, empty="you have no token; 'flowdock tokens create LABEL' makes one", as_json=as_json)


def _row(one: TokenDetails) -> list[str]:
    from flowdock.cli import table

    label = f"{one['label']} ({one['application']})" if one["application"] else one["label"]
    scopes = "everything" if one["scopes"] is None else " ".join(one["scopes"])
    used = f"used {table.moment(one['last_used_at'])}"
    ends = [f"ends {table.moment(one['expires_at'])}"] if one["expires_at"] else []
    return [str(one["id"]), label, scopes, ", ".join([used, *ends])]


def create(
    label: Annotated[str, typer.Argument(metavar="LABEL", help="What it is for.")],
    *,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may be used for; give it again for more; else everything.")
    ] = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Make a token of yours, and print it.

    It is shown only now.

    Example:
      flowdock tokens create backup --scope flow > backup.token
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        made = opened.client.create_token(label, [one.value for one in scope] if scope else None)
    terminal.tell(made, made.get("token", ""), as_json=as_json)


def revoke(
    id: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number in 'flowdock tokens list'.")],
    *,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """End a token of yours.

    Example:
      flowdock tokens revoke 7
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        opened.seek(f"you have no token {id}; 'flowdock tokens list' shows those there are")
        opened.client.revoke_token(id)
    terminal.tell({"revoked": id}, f"ended {id}", as_json=as_json)


tokens = typer.Typer(cls=RareCommands, help="What opens your account.", no_args_is_help=True, rich_markup_mode=None)
add(tokens, "list", list_tokens)
add(tokens, "create", create)
add(tokens, "revoke", revoke)
