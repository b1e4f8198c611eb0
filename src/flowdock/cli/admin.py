"""`flowdock admin`: organizations, people, flows, tokens and sources of a data folder or a database.

It works beside running servers. Only where it puts an event into a log that somebody may be following, the server of a
data folder has to be stopped: it would never hear of it. Servers on a database look for what others wrote.
"""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

import typer

from flowdock.cli import databases, engines, lock, terminal
from flowdock.cli.addresses import url_of
from flowdock.cli.commands import Commands, add
from flowdock.cli.engines import Database
from flowdock.cli.failures import Failure
from flowdock.cli.options import Data, names_of
from flowdock.cli.serve import PublicUrl
from flowdock.server.settings import DEFAULT_HOST, DEFAULT_PORT, Settings

if TYPE_CHECKING:
    from flowdock.server.store.people import User
    from flowdock.server.store.transaction import Transaction

Result = TypeVar("Result")

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
Nick: TypeAlias = Annotated[str, typer.Argument(metavar="NICK", help="Whose it is.")]
FlowArgument: TypeAlias = Annotated[str, typer.Argument(metavar="ORG/FLOW", help="The flow, such as acme/main.")]
By: TypeAlias = Annotated[
    str | None, typer.Option(metavar="NICK", help="Who does it, as the flow sees it; else its first administrator.")
]


def create_org(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name for people.")],
    *,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make an organization, and print its name in addresses.

    Example:
      flowdock admin create-org "Acme Inc."
    """
    from flowdock.server.actions import setting_up

    org = _done(data, database, lambda tx: setting_up.create_organization(tx, name))
    _tell({"org": org}, org, as_json=as_json)


def create_user(
    nick: Annotated[str, typer.Argument(metavar="NICK", help="The name in messages and mentions, without blanks.")],
    *,
    email: Annotated[str, typer.Option(metavar="ADDRESS", help="The e-mail address, with which they sign in.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="The full name; else the nick.")] = "",
    org: Annotated[str | None, typer.Option(metavar="ORG", help="The organization they belong to.")] = None,
    is_admin: Annotated[bool, typer.Option("--admin", help="Let them administer that organization.")] = False,
    ask_password: Annotated[
        bool, typer.Option("--password", help="Ask for the password instead of making one.")
    ] = False,
    is_bot: Annotated[
        bool, typer.Option("--bot", help="Give them no password; a token is enough for a program.")
    ] = False,
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make a person or a bot, and print the password.

    It is shown only now.

    Examples:
      flowdock admin create-user alice --email alice@example.com --org acme
      flowdock admin create-user robo --email robo@example.com --org acme --bot
    """
    from flowdock.cli import passwords
    from flowdock.server.actions import setting_up
    from flowdock.server.passwords import hashed

    if is_bot and ask_password:
        raise typer.BadParameter("--bot and --password exclude each other")
    password = None if is_bot else _asked_password() if ask_password else passwords.readable()
    password_hash = None if password is None else hashed(password)
    user_id = _done(
        data,
        database,
        lambda tx: setting_up.create_user(
            tx, nick=nick, email=email, name=name, password_hash=password_hash, org=org, admin=is_admin
        ),
    )
    shown = None if ask_password else password
    made = f"{nick} <{email}> is user {user_id}" + (f" with the password {shown}" if shown else "")
    _tell({"id": user_id, "nick": nick, "email": email, "password": shown}, made, as_json=as_json)


def create_flow(
    org: Annotated[str, typer.Argument(metavar="ORG", help="The organization's name in addresses.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The flow's name for people.")],
    *,
    by: Annotated[str, typer.Option(metavar="NICK", help="Who makes it: the first in it, and its administrator.")],
    data: Data = None,
    database: Database = None,
    public_url: PublicUrl = None,
    as_json: Json = False,
) -> None:
    """Make a flow, and print its name in addresses.

    Example:
      flowdock admin create-flow acme "Side project" --by alice
    """
    from flowdock.server.actions import setting_up
    from flowdock.server.domain.naming import parameterized

    flow_id = _done(
        data,
        database,
        lambda tx: setting_up.create_flow(tx, org=org, name=name, creator=_user(tx, by).id),
        public_url=public_url,
    )
    flow = parameterized(name)
    _tell({"id": flow_id, "org": org, "flow": flow}, f"{org}/{flow}", as_json=as_json)


def create_token(
    nick: Nick,
    *,
    label: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "admin",
    data: Data = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Make a token, and print it.

    It is shown only now.

    Example:
      FLOWDOCK_TOKEN=$(flowdock admin create-token robo --label deploys)
    """
    from flowdock.server.actions import setting_up

    def create(tx: "Transaction") -> tuple[int, str]:
        user_id = _user(tx, nick).id
        return user_id, setting_up.create_token(tx, user_id=user_id, label=label)

    user_id, token = _done(data, database, create)
    _tell({"user": user_id, "nick": nick, "token": token}, token, as_json=as_json)


def create_source(
    flow: FlowArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What is integrated, such as 'Build server'.")],
    *,
    application: Annotated[str, typer.Option(metavar="NAME", help="The software behind it; else the same name.")] = "",
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where people find it.")] = None,
    by: By = None,
    data: Data = None,
    database: Database = None,
    public_url: PublicUrl = None,
    as_json: Json = False,
) -> None:
    """Make a source, and print its flow token.

    It is shown only now; with --json so is the client secret that signs thread actions. A server on a data folder must
    not be running meanwhile.

    Example:
      flowdock admin create-source acme/main "Build server" --application CI
    """
    from flowdock.server.actions import setting_up, thread_actions

    org, flow_name = _names(flow)

    def create(tx: "Transaction") -> dict[str, object]:
        source = setting_up.create_source(
            tx,
            org=org,
            flow=flow_name,
            name=name,
            application=application or name,
            external_url=url,
            creator=_doer(tx, org, flow_name, by),
        )
        secret = thread_actions.secret_of_source(tx, source.id)
        return {"id": source.id, "flow_token": source.flow_token, "client_secret": secret}

    told = _done(data, database, create, public_url=public_url, is_heard=True)
    _tell(told, str(told["flow_token"]), as_json=as_json)


def add_to_flow(
    flow: FlowArgument,
    nick: Annotated[str, typer.Argument(metavar="NICK", help="Who is brought into it.")],
    *,
    by: By = None,
    data: Data = None,
    database: Database = None,
    public_url: PublicUrl = None,
    as_json: Json = False,
) -> None:
    """Bring somebody into a flow.

    A server on a data folder must not be running meanwhile.

    Example:
      flowdock admin add-to-flow acme/main bob
    """
    from flowdock.server.actions import setting_up
    from flowdock.server.domain.refusals import Refusal

    org, flow_name = _names(flow)

    def add(tx: "Transaction") -> int:
        doer, user_id = _doer(tx, org, flow_name, by), _user(tx, nick).id
        if user_id in _members(tx, org, flow_name):
            raise Refusal(409, f"{nick} is in {flow} already")
        setting_up.add_to_flow(tx, org=org, flow=flow_name, user_id=user_id, by=doer)
        return user_id

    user_id = _done(data, database, add, public_url=public_url, is_heard=True)
    _tell({"user": user_id, "org": org, "flow": flow_name}, f"{nick} is in {flow}", as_json=as_json)


HELP = """Fill a server with people, flows, tokens and sources.

\b
Example:
  flowdock admin create-org Acme
  flowdock admin create-user alice --email alice@example.com --org acme --admin
  flowdock admin create-flow acme Main --by alice
  flowdock admin create-token alice
"""

admin = typer.Typer(cls=Commands, help=HELP, no_args_is_help=True, rich_markup_mode=None)
add(admin, "create-org", create_org)
add(admin, "create-user", create_user)
add(admin, "create-flow", create_flow)
add(admin, "create-token", create_token)
add(admin, "create-source", create_source)
add(admin, "add-to-flow", add_to_flow)


def _done(
    data: Path | None,
    database: str | None,
    write: "Callable[[Transaction], Result]",
    *,
    public_url: str | None = None,
    is_heard: bool = False,
) -> Result:
    """The result of a write on the data folder or the database; `is_heard` if it tells something to a flow."""
    folder = databases.folder_of(data)
    public_url = (public_url or url_of(DEFAULT_HOST, DEFAULT_PORT)).rstrip("/")
    settings = Settings(data=folder, public_url=public_url, database_url=database)
    engines.check(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wants_silence = is_heard and database is None
    with lock.held(folder, why="stop it, do this again, and start it") if wants_silence else nullcontext():
        return databases.performed(settings, write)


def _tell(content: dict[str, object], text: str, *, as_json: bool) -> None:
    if as_json:
        terminal.say_json(content)
    else:
        terminal.say(text)


def _asked_password() -> str:
    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise Failure("the password is empty; type one, or leave out --password to have one made")
    return password


def _names(flow: str) -> tuple[str, str]:
    names = names_of(flow)
    if names is None:
        raise typer.BadParameter("ORG/FLOW is missing")
    return names


def _user(tx: "Transaction", nick: str) -> "User":
    from flowdock.server.domain.refusals import Refusal
    from flowdock.server.store import people

    user = people.find_by_nick(tx, nick)
    if user is None:
        raise Refusal(404, f"nobody has the nick {nick!r}; 'flowdock admin create-user' makes them")
    return user


def _doer(tx: "Transaction", org: str, flow: str, by: str | None) -> int:
    """The id of who does something in a flow: somebody in it, an administrator unless named."""
    from flowdock.server.domain.refusals import Refusal

    members = _members(tx, org, flow)
    if by is not None:
        members = [member for member in members if member == _user(tx, by).id]
    if not members:
        raise Refusal(404, f"{by or 'anybody'} is not in {org}/{flow}; --by takes somebody who is")
    return members[0]


def _members(tx: "Transaction", org: str, flow: str) -> list[int]:
    """The ids of those in a flow, its administrators first."""
    from flowdock.server.domain.refusals import Refusal
    from flowdock.server.store import flows, organizations, people

    organization = organizations.find(tx, org)
    log_id = None if organization is None else flows.named(tx, organization.id, flow)
    if log_id is None:
        raise Refusal(404, f"there is no flow {org}/{flow}; 'flowdock admin create-flow' makes one")
    found = [member for member in people.members(tx, log_id) if member.in_flow]
    return [member.user.id for member in sorted(found, key=lambda member: not member.flow_admin)]
