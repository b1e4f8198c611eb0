"""`flowdock doctor`: finds out why something does not work."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.options import ApiUrl, Json, Token

if TYPE_CHECKING:
    from flowdock.cli.doctor.findings import Case, Check, Finding

SILENCE_SECONDS = 45.0
"""More than twice the pause between a server's signs of life."""


def doctor(
    *,
    silence: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0.1, help="So long a stream may say nothing; 45 if not given.", show_default=False
        ),
    ] = SILENCE_SECONDS,
    as_json: Json = False,
    token: Token = None,
    api_url: ApiUrl = None,
) -> None:
    """Find out why something does not work, and what to do about it.

    Step by step it looks at the profile, the environment, the way to the server, the server, your token, your flows,
    streams, and the data folder of a server on this machine. Exit code 1 says that something is wrong.

    Examples:
      flowdock doctor
      flowdock --profile work doctor
      flowdock doctor --json | jq 'select(.state == "wrong")'
    """
    from flowdock.cli.doctor.findings import State

    is_wrong = False
    for finding in diagnosis(token=token, api_url=api_url, silence=silence):
        is_wrong = is_wrong or finding.state is State.WRONG
        if as_json:
            terminal.say_json({name: value for name, value in asdict(finding).items() if name != "is_end"})
        else:
            _show(finding)
    if is_wrong:
        raise typer.Exit(1)


def diagnosis(*, token: str | None, api_url: str | None, silence: float) -> Iterator["Finding"]:
    """What there is to say, one after the other, up to what keeps from looking further."""
    from flowdock.cli.doctor import account, configured, here, network, server, streaming
    from flowdock.cli.doctor.findings import Case, wrong
    from flowdock.client import profile, settings
    from flowdock.protocol.errors import BadSetting

    try:
        where = settings.current({"token": token, "api_url": api_url})
    except BadSetting as error:
        yield wrong("settings", str(error), f"'flowdock login' writes {profile.place(os.environ)} anew")
        return
    case = Case(where=where, silence_seconds=silence)
    yield from _until_the_end(case, (configured.stored, configured.variables, configured.proxies, here.data))
    way = (network.name, network.connection, network.encryption)
    yield from _until_the_end(
        case, (*way, server.health, server.version, account.token, account.flows, streaming.stream)
    )


def _until_the_end(case: "Case", checks: "tuple[Check, ...]") -> Iterator["Finding"]:
    for check in checks:
        for finding in check(case):
            yield finding
            if finding.is_end:
                return


def _show(finding: "Finding") -> None:
    from rich.text import Text

    from flowdock.cli.doctor.findings import State

    sign, style = {State.FINE: ("✓", "green"), State.NOTE: ("·", "yellow"), State.WRONG: ("✗", "bold red")}[
        finding.state
    ]
    console = terminal.console()
    console.print(Text.assemble((sign, style), f" {finding.about:<12}", terminal.visible(finding.found)))
    if finding.then is not None:
        console.print(Text.assemble(" " * 14, ("→ ", style), terminal.visible(finding.then)))
