"""How a group of commands runs and shows itself."""

import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from flowdock.cli import terminal
from flowdock.cli.failures import Failure, sentence
from flowdock.protocol.errors import FlowdockError

ANSWERED = (Failure, FlowdockError, OSError, UnicodeError, ModuleNotFoundError)
"""What may go wrong without being a fault of this program."""


def add(group: typer.Typer, name: str, command: Callable[..., None], *, section: str | None = None) -> None:
    """Make a function a command of the group. Its docstring is the help, in which the lines of examples are kept."""
    text = (inspect.getdoc(command) or "").replace("\n\nExample", "\n\n\b\nExample")
    group.command(name, help=text, rich_help_panel=section)(command)


class Commands(TyperGroup):
    """Commands that fail with one line and exit code 1, and whose help shows them in sections."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read our output has had enough, as `head` has; nothing more can be written at the end either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except ANSWERED as error:
            terminal.remark(sentence(error))
            raise typer.Exit(1) from error
        return result

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order in which they were added, which is that of a first day with Flowdock."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands section by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        width = formatter.width - 6 - max(len(name) for name in self.commands)
        for name in self.list_commands(ctx):
            command = self.commands[name]
            title = getattr(command, "rich_help_panel", None) or "Commands"
            sections.setdefault(title, []).append((name, command.get_short_help_str(width)))
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)
