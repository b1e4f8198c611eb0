"""All commands, in the order in which `flowdock --help` shows them."""

import os
from typing import Annotated

import typer

from flowdock.cli import completion, terminal
from flowdock.cli.admin import admin
from flowdock.cli.archive import archive
from flowdock.cli.block import block
from flowdock.cli.bot import bot
from flowdock.cli.chat import chat
from flowdock.cli.commands import Commands, add
from flowdock.cli.comment import comment
from flowdock.cli.conversations import conversations
from flowdock.cli.create_flow import create_flow
from flowdock.cli.delete import delete
from flowdock.cli.doctor import doctor
from flowdock.cli.download import download
from flowdock.cli.edit import edit
from flowdock.cli.emoji import emoji
from flowdock.cli.flows import flows
from flowdock.cli.invitations import invitations
from flowdock.cli.invite import invite
from flowdock.cli.join import join
from flowdock.cli.join_link import join_link
from flowdock.cli.leave import leave
from flowdock.cli.list import list_messages
from flowdock.cli.login import login
from flowdock.cli.move import move
from flowdock.cli.org import org
from flowdock.cli.profiles import profiles
from flowdock.cli.react import react
from flowdock.cli.rethread import rethread
from flowdock.cli.search import search
from flowdock.cli.send import send
from flowdock.cli.serve import serve
from flowdock.cli.sources import sources
from flowdock.cli.status import status
from flowdock.cli.tail import tail
from flowdock.cli.threads import threads
from flowdock.cli.tokens import tokens
from flowdock.cli.unread import unread
from flowdock.cli.up import up
from flowdock.cli.upload import upload
from flowdock.cli.users import users
from flowdock.cli.webhooks import webhooks
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


def _choose(context: typer.Context, name: str | None) -> str | None:
    """Have this command see the profile of this name, and no variable that says something else."""
    if name is None:
        return None
    from flowdock.client import profile, settings

    before = {
        variable: os.environ.pop(variable, None) for variable in (*settings.ENVIRONMENT.values(), profile.VARIABLE)
    }
    os.environ[profile.VARIABLE] = name

    def restore() -> None:
        del os.environ[profile.VARIABLE]
        os.environ.update({variable: value for variable, value in before.items() if value is not None})

    context.call_on_close(restore)
    return name


@app.callback(help=HELP, epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong usage.")
def _flowdock(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            callback=_choose,
            autocompletion=completion.profiles,
            help="The profile to take, else $FLOWDOCK_PROFILE.",
        ),
    ] = None,
) -> None:
    del version, profile


RUN, TALK, READ, PLACES = "Run a Flowdock", "Say something", "See what was said", "Flows, people and you"

add(app, "up", up, section=RUN)
add(app, "serve", serve, section=RUN)
app.add_typer(admin, name="admin", rich_help_panel=RUN)
add(app, "move", move, section=RUN)
app.add_typer(bot, name="bot", rich_help_panel=RUN)
add(app, "send", send, section=TALK)
add(app, "chat", chat, section=TALK)
add(app, "upload", upload, section=TALK)
add(app, "react", react, section=TALK, rare=True)
add(app, "comment", comment, section=TALK, rare=True)
add(app, "edit", edit, section=TALK, rare=True)
add(app, "delete", delete, section=TALK, rare=True)
add(app, "rethread", rethread, section=TALK, rare=True)
add(app, "status", status, section=TALK, rare=True)
add(app, "tail", tail, section=READ)
add(app, "list", list_messages, section=READ)
add(app, "search", search, section=READ)
add(app, "threads", threads, section=READ)
add(app, "download", download, section=READ, rare=True)
add(app, "unread", unread, section=READ)
add(app, "conversations", conversations, section=READ, rare=True)
add(app, "whoami", whoami, section=PLACES)
add(app, "login", login, section=PLACES)
add(app, "doctor", doctor, section=PLACES)
app.add_typer(profiles, name="profiles", rich_help_panel=PLACES)
add(app, "flows", flows, section=PLACES)
add(app, "users", users, section=PLACES, rare=True)
add(app, "invite", invite, section=PLACES)
add(app, "invitations", invitations, section=PLACES, rare=True)
add(app, "join-link", join_link, section=PLACES, rare=True)
add(app, "block", block, section=PLACES, rare=True)
add(app, "join", join, section=PLACES, rare=True)
add(app, "leave", leave, section=PLACES, rare=True)
add(app, "create-flow", create_flow, section=PLACES, rare=True)
add(app, "archive", archive, section=PLACES, rare=True)
app.add_typer(sources, name="sources", rich_help_panel=PLACES)
app.add_typer(webhooks, name="webhooks", rich_help_panel=PLACES)
app.add_typer(emoji, name="emoji", rich_help_panel=PLACES)
app.add_typer(org, name="org", rich_help_panel=PLACES)
app.add_typer(tokens, name="tokens", rich_help_panel=PLACES)
