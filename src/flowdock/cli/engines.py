"""The options that name what a server stands on besides its data folder: database, broker, files, mail, networks.

Their addresses hold passwords, so errors show them without.
"""

import re
import signal
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

import typer

from flowdock.cli.failures import Failure
from flowdock.server.settings import Settings

_DATABASES = frozenset({"postgresql", "postgres"})
_BROKERS = frozenset({"redis", "rediss", "unix"})
_PLACES = frozenset({"s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss", "https", "file"})
_HOST = r"(\[[^][]*\]|[^][:,@]*)(:\d*)?"
_SERVERS = re.compile(rf"([^@]*@)?{_HOST}(,{_HOST})*")


def checked_database(url: str | None) -> str | None:
    """The address of a PostgreSQL database; `typer.BadParameter` for anything else."""
    if url is not None and not _is_address(url, _DATABASES):
        raise typer.BadParameter(f"{_shown(url)!r} is not of the form postgresql://user:password@host/name{_hint(url)}")
    return url


def _checked_broker(url: str | None) -> str | None:
    if url is not None and not _is_address(url, _BROKERS):
        raise typer.BadParameter(
            f"{_shown(url)!r} is not of the form redis://:password@host:6379, rediss://… or unix://…{_hint(url)}"
        )
    return url


def checked_files(place: str | None) -> str | None:
    """A place for files, a folder as an absolute path; `typer.BadParameter` where none can be."""
    if place is None or "://" not in place:
        return place and str(Path(place).expanduser().absolute())
    if place.partition("://")[0] not in _PLACES:
        from flowdock.server.files.places import shown

        raise typer.BadParameter(
            f"{shown(place)!r} is no place for files: give a folder, s3://bucket/prefix, gs://… or az://…"
        )
    return place


Database: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="FLOWDOCK_DATABASE",
        show_envvar=False,
        callback=checked_database,
        help="A PostgreSQL database, postgresql://user:password@host/name; else $FLOWDOCK_DATABASE, else a file in the"
        " data folder.",
    ),
]
Broker: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--broker",
        metavar="URL",
        envvar="FLOWDOCK_BROKER",
        show_envvar=False,
        callback=_checked_broker,
        help="The Redis or Valkey, redis://host:6379, by which servers on one database hear of each other at once; else"
        " $FLOWDOCK_BROKER.",
    ),
]
FilesPlace: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--files",
        metavar="PLACE",
        envvar="FLOWDOCK_FILES",
        show_envvar=False,
        callback=checked_files,
        help="Where uploaded files are kept, a folder or s3://bucket/prefix; else $FLOWDOCK_FILES, else in the data"
        " folder.",
    ),
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        envvar="FLOWDOCK_WORKERS",
        show_envvar=False,
        min=1,
        help="Serve with N processes, which SIGHUP replaces one by one; else $FLOWDOCK_WORKERS. Needs --database.",
    ),
]


def _checked_mail(url: str | None) -> str | None:
    if url is not None:
        from flowdock.server.outgoing.smtp import BadMailServer, mail_server

        try:
            mail_server(url)
        except BadMailServer as error:
            raise typer.BadParameter(f"{_shown(url)!r} {error}") from error
    return url


def _checked_sender(text: str | None) -> str | None:
    if text is not None:
        from flowdock.server.outgoing.smtp import sender

        try:
            sender(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    return text


MailServer: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--mail",
        metavar="URL",
        envvar="FLOWDOCK_MAIL",
        show_envvar=False,
        callback=_checked_mail,
        help="The server that takes mail to people, smtp://user:password@host:587; else $FLOWDOCK_MAIL, else no mail"
        " is sent.",
    ),
]
MailFrom: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--mail-from",
        metavar="ADDRESS",
        envvar="FLOWDOCK_MAIL_FROM",
        show_envvar=False,
        callback=_checked_sender,
        help="Whom that mail comes from; else $FLOWDOCK_MAIL_FROM, else flowdock@ and the host of the public address.",
    ),
]
OutgoingNetworks: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--outgoing-networks",
        metavar="NETWORKS",
        envvar="FLOWDOCK_OUTGOING_NETWORKS",
        show_envvar=False,
        help="Networks that webhooks and thread actions may reach although they are not public, such as"
        " 10.1.0.0/16,192.168.7.4; else $FLOWDOCK_OUTGOING_NETWORKS.",
    ),
]


def _checked_mail_listen(url: str | None) -> str | None:
    if url is not None:
        from flowdock.server.mail.listener import where_of

        try:
            where_of(url)
        except ValueError as error:
            raise typer.BadParameter(f"{url!r} cannot be used: {error}") from None
    return url


MailListen: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--mail-listen",
        metavar="URL",
        envvar="FLOWDOCK_MAIL_LISTEN",
        show_envvar=False,
        callback=_checked_mail_listen,
        help="Where mail to flows comes in from your mail server, lmtp://127.0.0.1:2400 or smtp://127.0.0.1:2525; else"
        " $FLOWDOCK_MAIL_LISTEN.",
    ),
]


def networks_of(text: str | None) -> tuple[IPv4Network | IPv6Network, ...]:
    """The networks that a list with commas names; `typer.BadParameter` for one that is none."""
    found = []
    for word in (text or "").replace(",", " ").split():
        try:
            found.append(ip_network(word, strict=False))
        except ValueError:
            problem = f"{word!r} is not a network such as 10.1.0.0/16"
            raise typer.BadParameter(problem, param_hint="--outgoing-networks") from None
    return tuple(found)


def check(settings: Settings, *, workers: int | None = None) -> None:
    """See that what these options ask for goes together and is installed.

    Raises:
        typer.BadParameter: it does not go together.
        Failure: a package is missing, or the system lacks what workers need.
    """
    if settings.database_url is None:
        if workers is not None and workers > 1:
            raise typer.BadParameter(
                f"--workers {workers} needs --database: a data folder has one process;"
                " 'flowdock move' takes it to PostgreSQL"
            )
        if settings.broker_url is not None:
            raise typer.BadParameter("--broker needs --database: only servers on one database have news for each other")
    if workers is not None and not hasattr(signal, "SIGHUP"):
        raise Failure("--workers needs the signals of Unix, which this system lacks; start several servers instead")
    _require("psycopg", settings.database_url, "postgres")
    _require("redis", settings.broker_url, "redis")


def without_passwords(text: str, settings: Settings) -> str:
    """The text with nothing left of the passwords in these addresses, whatever it quotes."""
    for url in (settings.database_url, settings.broker_url, settings.files_url, settings.mail_url):
        text = text.replace(url, _shown(url)) if url else text
    return text


def name_of(settings: Settings) -> str:
    """The database as people may read it."""
    return str(settings.database) if settings.database_url is None else _shown(settings.database_url)


def _require(package: str, url: str | None, extra: str) -> None:
    if url is not None and find_spec(package) is None:
        raise Failure(f"{_shown(url)} needs the package {package}: install flowdock[{extra}]")


def _shown(url: str) -> str:
    from flowdock.server.hub.redis.addresses import without_secrets

    return without_secrets(url)


def _is_address(url: str, schemes: frozenset[str]) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # An unescaped slash, hash or question mark in a password cuts the address off before its @.
    is_cut_off = "@" in url and "@" not in parts.netloc
    return parts.scheme in schemes and "//" in url and bool(_SERVERS.fullmatch(parts.netloc)) and not is_cut_off


def _hint(url: str) -> str:
    return "; in a password write %2F for /, %40 for @, %23 for #, %3F for ?" if "@" in url else ""
