"""The options that several commands share."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from flowdock.cli import completion
from flowdock.client.settings import DEFAULT_API_URL


def names_of(text: str | None) -> tuple[str, str] | None:
    """Organization and flow of `org/flow`.

    Raises:
        typer.BadParameter: it is something else.
    """
    if text is None:
        return None
    org, _, flow = text.partition("/")
    if not org or not flow or "/" in flow or {org, flow} & {".", ".."}:
        raise typer.BadParameter(f"{text!r} is not of the form org/flow, such as acme/main")
    return org, flow


def _checked(text: str | None) -> str | None:
    names_of(text)
    return text


def flow_names(texts: list[str] | None) -> list[str] | None:
    """The same of several: each has the form `org/flow`."""
    for text in texts or ():
        names_of(text)
    return texts


def one_name(text: str | None) -> str | None:
    """A name that stands in addresses.

    Raises:
        typer.BadParameter: it cannot.
    """
    if text in {"", ".", ".."}:
        raise typer.BadParameter(f"{text!r} cannot be part of an address")
    return text


Token: TypeAlias = Annotated[
    str | None, typer.Option(metavar="TOKEN", help="Your token; else $FLOWDOCK_TOKEN, else that of the profile.")
]
ApiUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help=f"The server; else $FLOWDOCK_API_URL, else that of the profile, else {DEFAULT_API_URL}."
    ),
]
FlowName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--flow",
        "-f",
        metavar="ORG/FLOW",
        callback=_checked,
        autocompletion=completion.flows,
        help="The flow; else that of the profile, else the only one.",
    ),
]
To: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="NICK",
        autocompletion=completion.nicks,
        help="The private conversation with this person instead of a flow.",
    ),
]
ThreadId: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--thread",
        metavar="ID",
        autocompletion=completion.threads,
        help="A thread: its id, or the number of any message in it.",
    ),
]
Tags: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--tag", "-t", metavar="TAG", autocompletion=completion.tags, help="A tag; give it again for more."),
]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=100, help="At most so many.")]
HowMany: TypeAlias = Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="At most so many.")]
"""The same where a list is walked to its end."""
PAGE = 100
"""What a server gives at once."""
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Text: TypeAlias = Annotated[str, typer.Argument(metavar="TEXT", help="What to say; - reads it from standard input.")]
Number: TypeAlias = Annotated[int, typer.Argument(metavar="ID", min=1, help="The number of the message.")]
FlowArgument: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="ORG/FLOW", callback=_checked, autocompletion=completion.flows, help="The flow, such as acme/main."
    ),
]
OrgName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org", metavar="ORG", callback=one_name, help="The organization; else that of the profile, else the only one."
    ),
]
Data: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The data folder; else $FLOWDOCK_DATA, else ~/.local/share/flowdock."),
]
