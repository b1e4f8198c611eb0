"""`flowdock bot`: run a bot that somebody wrote."""

import importlib
import logging
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.commands import Commands, add
from flowdock.cli.failures import Failure

if TYPE_CHECKING:
    from flowdock.bot import Bot

bot = typer.Typer(cls=Commands, no_args_is_help=True, help="Run bots written with flowdock.bot.")

Target = Annotated[str, typer.Argument(metavar="MODULE[:BOT]", help="Where the bot is, such as robo or team.robo:bot.")]


def run(
    target: Target,
    *,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start it anew whenever a Python file below this folder changes.")
    ] = False,
    health: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Tell there how it is, at /healthz.")] = None,
    memory: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where it keeps how far it has come, and its state.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show all that goes on.")] = False,
) -> None:
    """Run a bot until Ctrl-C; the module is looked for in this folder first.

    Its token is the one it was given, or FLOWDOCK_TOKEN, or that of the profile.

    Examples:
      flowdock bot run robo --reload
      FLOWDOCK_TOKEN=… flowdock bot run team.robo:bot --health 127.0.0.1:8080
    """
    if reload:
        _run_anew(target, health=health, memory=memory, verbose=verbose)
        return
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    if not verbose:
        logging.getLogger("httpx2").setLevel(logging.WARNING)
    found = found_at(target)
    if health is not None:
        found.tell_health_at(health)
    if memory is not None:
        found.remember_in(memory)
    found.run()


def found_at(target: str) -> "Bot":
    """The bot of this name in a module, or the only one in it.

    Raises:
        Failure: there is none, or the module cannot be loaded.
    """
    from flowdock.bot import Bot

    name, _, attribute = target.partition(":")
    if name.endswith(".py") or not all(part.isidentifier() for part in name.split(".")):
        raise Failure(f"{target!r} is not a module such as robo or team.robo:bot; leave out the .py")
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        raise Failure(f"there is no module {name!r} in {Path.cwd()}, nor among what is installed") from error
    bots = {key: value for key, value in vars(module).items() if isinstance(value, Bot)}
    if attribute:
        if attribute not in bots:
            there = ", ".join(bots) or "none"
            raise Failure(f"{attribute!r} in {name} is no Bot; those there are: {there}")
        return bots[attribute]
    different = {id(value): value for value in bots.values()}
    if len(different) != 1:
        raise Failure(f"{name} has {len(different)} bots; name one, such as {name}:{next(iter(bots), 'bot')}")
    return next(iter(different.values()))


def _run_anew(target: str, *, health: str | None, memory: Path | None, verbose: bool) -> None:
    try:
        import watchfiles
    except ModuleNotFoundError as error:
        raise Failure("--reload needs the package watchfiles: install flowdock[bot]") from error
    options = [*(["--health", health] if health else []), *(["--memory", str(memory)] if memory else [])]
    command = [sys.executable, "-m", "flowdock", "bot", "run", target, *options, *(["--verbose"] if verbose else [])]
    terminal.remark(f"runs {target} anew when a Python file below {Path.cwd()} changes; Ctrl-C ends")
    watchfiles.run_process(
        Path.cwd(),
        target=shlex.join(command),
        target_type="command",
        watch_filter=watchfiles.PythonFilter(),
        callback=lambda changes: terminal.remark(
            f"changed: {', '.join(sorted(os.path.relpath(path) for _, path in changes))}"
        ),
    )


add(bot, "run", run)
