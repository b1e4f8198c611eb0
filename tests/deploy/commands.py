"""Commands as the command line understands them, without running them."""

import re
from collections.abc import Sequence
from typing import Any

import typer.main

from flowdock.cli.app import app
from tests.deploy.files import ROOT


def understood(words: Sequence[str]) -> dict[str, Any]:
    """The parameters that the words after `flowdock` mean, together with the environment.

    Raises what the person who typed them would be told.
    """
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    with command.make_context(command.name, rest) as context:
        return dict(context.params)


def environment() -> set[str]:
    """Every name of ours that the code asks its environment for."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    return {name for source in sources for name in re.findall(r"\bFLOWDOCK_[A-Z]+(?:_[A-Z]+)*\b", source)}
