"""`flowdock profiles`: servers, and oneself on them, by name."""

import os
from typing import Annotated, Any, TypeAlias

import typer

from flowdock.cli import completion, terminal
from flowdock.cli.commands import RareCommands, add
from flowdock.cli.options import Json

Name: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="NAME", autocompletion=completion.profiles, help="Its name in 'flowdock profiles list'."),
]


def list_profiles(*, as_json: Json = False) -> None:
    """Show the profiles there are; * stands before the one in use.

    Example:
      flowdock profiles list
    """
    from flowdock.cli import table
    from flowdock.client import profile

    used = profile.in_use(os.environ)
    found = [_told(name, is_used=name == used) for name in profile.names(os.environ)]
    table.show(found, _row, empty="there is no profile; 'flowdock login' makes one", as_json=as_json)


def _told(name: str, *, is_used: bool) -> dict[str, Any]:
    """What everybody may know of a profile: its tokens are no part of it."""
    from flowdock.client import profile
    from flowdock.protocol.errors import BadSetting

    path = profile.place(os.environ, name)
    try:
        stored, problem = profile.read(path), None
    except BadSetting as error:
        stored, problem = {}, str(error)
    flow = f"{stored['org']}/{stored['flow']}" if {"org", "flow"} <= stored.keys() else None
    where = {"api_url": stored.get("api_url"), "flow": flow, "path": str(path)}
    return {"name": name, "used": is_used, **where, "problem": problem}


def _row(told: dict[str, Any]) -> list[str]:
    return ["*" if told["used"] else " ", told["name"], told["problem"] or told["api_url"] or "", told["flow"] or ""]


def use(name: Name, *, as_json: Json = False) -> None:
    """Take this profile when nothing else is said.

    'flowdock --profile NAME …' takes another one for a single command, $FLOWDOCK_PROFILE for a whole shell.

    Example:
      flowdock profiles use work
    """
    from flowdock.client import profile

    profile.use(os.environ, name)
    terminal.tell(_told(name, is_used=True), f"{name} is in use", as_json=as_json)
    if (chosen := os.environ.get(profile.VARIABLE)) not in {None, "", name}:
        terminal.remark(f"in this shell $FLOWDOCK_PROFILE still says {chosen}; 'unset FLOWDOCK_PROFILE' ends that")


def remove(name: Name, *, as_json: Json = False) -> None:
    """Remove a profile from this machine. Its token goes on to open your account: 'flowdock tokens revoke' ends it.

    Example:
      flowdock profiles remove work
    """
    from flowdock.client import profile

    profile.remove(os.environ, name)
    terminal.tell({"removed": name}, f"removed {name}", as_json=as_json)


profiles = typer.Typer(
    cls=RareCommands, help="Servers, and you on them, by name.", no_args_is_help=True, rich_markup_mode=None
)
add(profiles, "list", list_profiles)
add(profiles, "use", use)
add(profiles, "remove", remove)
