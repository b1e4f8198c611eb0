"""All commands, in the order in which `flowdock --help` shows them."""

from typing import Annotated

import typer

from flowdock.cli import terminal
from flowdock.cli.admin import admin
from flowdock.cli.commands import Commands, add
from flowdock.cli.comment import comment
from flowdock.cli.delete import delete
from flowdock.cli.download import download
from flowdock.cli.edit import edit
from flowdock.cli.flows import flows
from flowdock.cli.list import list_messages
from flowdock.cli.login import login
from flowdock.cli.move import move
from flowdock.cli.react import react
from flowdock.cli.rethread import rethread
from flowdock.cli.search import search
from flowdock.cli.send import send
from flowdock.cli.serve import serve
from flowdock.cli.status import status
from flowdock.cli.tail import tail
from flowdock.cli.threads import threads
from flowdock.cli.up import up
from flowdock.cli.upload import upload
from flowdock.cli.whoami import whoami

HELP = """Flowdock: chat in threads, and a team inbox. Run one, and talk to it.

\b
Example:
  flowdock up               in one terminal, and in another
  flowdock send "Hello"
"""

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help reads the same in a terminal, in a pipe and in an issue, and comes at once.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        import flowdock

        terminal.say(f"flowdock {flowdock.__version__}")
        raise typer.Exit


@app.callback(help=HELP, epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong usage.")
def _flowdock(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    del version


RUN, TALK, READ, ACCOUNT = "Run a Flowdock", "Say something", "See what was said", "Who and where"

add(app, "up", up, section=RUN)
add(app, "serve", serve, section=RUN)
app.add_typer(admin, name="admin", rich_help_panel=RUN)
add(app, "move", move, section=RUN)
add(app, "send", send, section=TALK)
add(app, "upload", upload, section=TALK)
add(app, "react", react, section=TALK)
add(app, "comment", comment, section=TALK, rare=True)
add(app, "edit", edit, section=TALK, rare=True)
add(app, "delete", delete, section=TALK, rare=True)
add(app, "rethread", rethread, section=TALK, rare=True)
add(app, "status", status, section=TALK, rare=True)
add(app, "tail", tail, section=READ)
add(app, "list", list_messages, section=READ)
add(app, "search", search, section=READ)
add(app, "threads", threads, section=READ)
add(app, "download", download, section=READ)
add(app, "whoami", whoami, section=ACCOUNT)
add(app, "flows", flows, section=ACCOUNT)
add(app, "login", login, section=ACCOUNT)
