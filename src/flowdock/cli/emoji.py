"""`flowdock emoji`: an organization's own emoji."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from flowdock.cli import terminal
from flowdock.cli.commands import RareCommands, add
from flowdock.cli.options import ApiUrl, Json, OrgName, Token, one_name

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", callback=one_name, help="What stands between the colons.")
]


def list_emoji(*, org: OrgName = None, as_json: Json = False, token: Token = None, api_url: ApiUrl = None) -> None:
    """Show the emoji of an organization's own.

    Example:
      flowdock emoji list
    """
    from flowdock.cli import session, table

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.client.emoji(opened.org(org))
    empty = "there is none; 'flowdock emoji add NAME FILE' adds one"
    table.show(found, lambda one: [f":{one['id'].strip(':')}:", one["image_url"]], empty=empty, as_json=as_json)


def add_emoji(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A PNG, GIF, JPEG or WebP file of at most 256 KiB.")],
    *,
    org: OrgName = None,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Add a picture to the emoji of an organization.

    Example:
      flowdock emoji add shipit squirrel.png
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        made = opened.client.add_emoji(opened.org(org), name, file)
    terminal.tell(made, f":{made['id'].strip(':')}:", as_json=as_json)


def remove(
    name: Name, *, org: OrgName = None, as_json: Json = False, token: Token = None, api_url: ApiUrl = None
) -> None:
    """Take an emoji away from an organization.

    Example:
      flowdock emoji remove shipit
    """
    from flowdock.cli import session

    with session.opened(token=token, api_url=api_url) as opened:
        found = opened.org(org)
        opened.seek(f"{found} has no emoji {name!r} for this token; 'flowdock emoji list' shows those there are")
        opened.client.remove_emoji(found, name)
    plain = name.strip(":")
    terminal.tell({"removed": plain}, f"removed :{plain}:", as_json=as_json)


emoji = typer.Typer(
    cls=RareCommands, help="The emoji of an organization's own.", no_args_is_help=True, rich_markup_mode=None
)
add(emoji, "list", list_emoji)
add(emoji, "add", add_emoji)
add(emoji, "remove", remove)
