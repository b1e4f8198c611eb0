"""What a shell offers for a half-written value. Never an error: where nothing is known, nothing is offered.

Commands and options are completed by typer itself; here are the names that only the server, or this machine, knows.
Other people chose those names, and some shells evaluate what they are offered: a value with anything in it that a shell
might take for more than a letter is not offered, and titles lose it.
"""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import typer

Offer: TypeAlias = str | tuple[str, str]
"""A value, or a value and what it is."""

_VALUE = re.compile(r"[\w@.+/-]+")
_IN_TITLE = re.compile(r"[^\w ,.+/-]+")


def flows(ctx: typer.Context, incomplete: str) -> list[Any]:
    """The flows one is in."""
    from flowdock.cli import offers

    return _beginning(incomplete, lambda: offers.flows(_where(ctx)))


def nicks(ctx: typer.Context, incomplete: str) -> list[Any]:
    """The people one can see."""
    from flowdock.cli import offers

    return _beginning(incomplete, lambda: offers.nicks(_where(ctx)))


def tags(ctx: typer.Context, incomplete: str) -> list[Any]:
    """The tags that were used lately in the flow."""
    from flowdock.cli import offers

    return _beginning(incomplete, lambda: offers.tags(_where(ctx), _flow(ctx)))


def threads(ctx: typer.Context, incomplete: str) -> list[Any]:
    """The newest threads of the flow: the number of the first message of each, and its title."""
    from flowdock.cli import offers

    return _beginning(incomplete, lambda: offers.threads(_where(ctx), _flow(ctx)))


def profiles(incomplete: str) -> list[Any]:
    """The profiles of this machine."""
    from flowdock.client import profile

    return _beginning(incomplete, lambda: profile.names(os.environ))


def _where(ctx: typer.Context) -> Any:
    from flowdock.cli import offers

    return offers.here(token=ctx.params.get("token"), api_url=ctx.params.get("api_url"))


def _flow(ctx: typer.Context) -> str | None:
    given = ctx.params.get("flow")
    return given if isinstance(given, str) else None


def _beginning(incomplete: str, offered: Callable[[], Iterable[Offer]]) -> list[Offer]:
    try:
        wanted = incomplete.casefold()
        pairs = ((one, "") if isinstance(one, str) else one for one in offered())
        found = [(value, title) for value, title in pairs if value.casefold().startswith(wanted)]
    except Exception:  # noqa: BLE001 - a traceback in the middle of a command line helps nobody
        return []
    return [_harmless(value, title) for value, title in found if _VALUE.fullmatch(value)]


def _harmless(value: str, title: str) -> Offer:
    shown = " ".join(_IN_TITLE.sub(" ", title).split())
    return (value, shown) if shown else value
