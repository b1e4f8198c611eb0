"""How a group of commands runs and shows itself."""

import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from flowdock.cli import terminal
from flowdock.cli.failures import Failure, sentence
from flowdock.protocol.errors import FlowdockError

ANSWERED = (Failure, FlowdockError, OSError, UnicodeError, ModuleNotFoundError)
"""What may go wrong without being a fault of this program."""

ALSO = "also:"
"""Stands before the commands that are rarely needed."""


def add(
    group: typer.Typer, name: str, command: Callable[..., None], *, section: str | None = None, rare: bool = False
) -> None:
    """Make a function a command of the group. Its docstring is the help, in which the lines of examples are kept.

    The help of the group names a rare one only, so that it stays on one screen.
    """
    text = (inspect.getdoc(command) or "").replace("\n\nExample", "\n\n\b\nExample")
    group.command(name, help=text, rich_help_panel=section, cls=Rare if rare else None)(command)


class Rare(TyperCommand):
    """A command that the help of its group only names."""


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

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options; the completion can be installed without having read it."""
        for option in self.params:
            if option.name == "show_completion":
                vars(option)["hidden"] = True
        super().format_options(ctx, formatter)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order in which they were added, which is that of a first day with Flowdock."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands section by section, in each those that are rarely needed by name only."""
        sections: dict[str, list[tuple[str, str]]] = {}
        rarer: dict[str, list[str]] = {}
        often = [name for name in self.list_commands(ctx) if not isinstance(self.commands[name], (Rare, RareCommands))]
        width = formatter.width - 6 - max(len(name) for name in often)
        for name in self.list_commands(ctx):
            command = self.commands[name]
            title = getattr(command, "rich_help_panel", None) or "Commands"
            if name in often:
                sections.setdefault(title, []).append((name, command.get_short_help_str(width)))
            else:
                rarer.setdefault(title, []).append(name)
        for title, rows in sections.items():
            names = rarer.get(title)
            with formatter.section(title):
                formatter.write_dl([*rows, *([(ALSO, ", ".join(names))] if names else [])])


class RareCommands(Commands):
    """A group that the help of the group it is in only names."""
