"""`flowdock move`: take a whole site from a data folder to PostgreSQL, or back."""

import os
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from flowdock.cli import engines, lock, steps, terminal
from flowdock.cli.databases import folder_of
from flowdock.cli.failures import Failure
from flowdock.cli.move import files
from flowdock.server.settings import Settings

if TYPE_CHECKING:
    from flowdock.server.files.moving import Copied
    from flowdock.server.store.moving.checking import Content
    from flowdock.server.store.moving.end import End

AGAIN = "run the same command again"


def _checked(place: str) -> str:
    if "://" in place:
        engines.checked_database(place)
        return place
    return str(Path(place).expanduser().absolute())


From: TypeAlias = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="PLACE",
        envvar="FLOWDOCK_DATABASE",
        show_envvar=False,
        callback=_checked,
        help="Where the site is: a data folder, or postgresql://…; else $FLOWDOCK_DATABASE.",
    ),
]
To: TypeAlias = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="PLACE",
        envvar="FLOWDOCK_DATABASE",
        show_envvar=False,
        callback=_checked,
        help="Where it goes: a folder, or an empty database, postgresql://…; else $FLOWDOCK_DATABASE.",
    ),
]
FromFiles: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        callback=engines.checked_files,
        help="Where its files are; else in the data folder, and of PostgreSQL in $FLOWDOCK_FILES.",
    ),
]
ToFiles: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        callback=engines.checked_files,
        help="Where its files go; else into the data folder, and with PostgreSQL to $FLOWDOCK_FILES.",
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


def move(
    *, source: From, target: To, from_files: FromFiles = None, to_files: ToFiles = None, as_json: Json = False
) -> None:
    """Move a whole site from a data folder to PostgreSQL, or back.

    Stop its servers first. What is interrupted goes on when the same command runs again. In the end both sides are
    compared; until then nobody can serve the target. Where the site comes from, nothing is taken away.

    Examples:
      flowdock move --from /var/lib/flowdock --to postgresql://db/flowdock
      flowdock move --from postgresql://db/flowdock --to /var/lib/flowdock
    """
    here, there = _settings(source, from_files), _settings(target, to_files)
    for settings in (here, there):
        engines.check(settings)
    if _place(here) == _place(there):
        raise typer.BadParameter(f"--from and --to are both {_shown(here)}")
    if here.database_url is None and not here.database.exists():
        raise Failure(f"there is no site in {here.data}; --from takes the data folder of a server, or postgresql://…")
    try:
        with _held(here, there):
            contents, copied = _moved(here, there)
    except KeyboardInterrupt:
        terminal.remark(f"interrupted; {AGAIN}, and it goes on where it was")
        raise typer.Exit(130) from None
    if as_json:
        terminal.say_json(_as_json(here, there, contents, copied))
    else:
        _tell(here, there, contents, copied)


def _settings(place: str, files_url: str | None) -> Settings:
    if "://" in place:
        files_url = files_url or engines.checked_files(os.environ.get("FLOWDOCK_FILES") or None)
        return Settings(data=folder_of(None), public_url="", database_url=place, files_url=files_url)
    return Settings(data=Path(place), public_url="", files_url=files_url)


def _place(settings: Settings) -> str | Path:
    return settings.data.resolve() if settings.database_url is None else settings.database_url


def _shown(settings: Settings) -> str:
    return str(settings.data) if settings.database_url is None else engines.name_of(settings)


@contextmanager
def _held(here: Settings, there: Settings) -> Generator[None]:
    """The locks of the folders that are concerned; that of the target is made if need be."""
    with ExitStack() as locks:
        for settings in (here, there):
            if settings.database_url is None:
                settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
                locks.enter_context(lock.held(settings.data, why=f"stop that one, and {AGAIN}"))
        yield


def _moved(here: Settings, there: Settings) -> "tuple[Mapping[str, Content], Copied | None]":
    from flowdock.server.actions import indexing
    from flowdock.server.files import PlaceFailed
    from flowdock.server.store.moving.end import CannotMove
    from flowdock.server.store.moving.move import moved

    try:
        copy_files = files.planned(here, there)
        with (
            steps.shown() as tell,
            moved(
                _end(here),
                _end(there),
                index=indexing.advance,
                told=lambda step: tell(f"{step.doing} {step.what}", step.done, step.total),
            ) as contents,
        ):
            return contents, None if copy_files is None else copy_files(tell)
    except (CannotMove, PlaceFailed) as error:
        raise Failure(engines.without_passwords(engines.without_passwords(str(error), here), there)) from error


def _end(settings: Settings) -> "End":
    if settings.database_url is None:
        from flowdock.server.store.moving.sqlite import SqliteEnd

        return SqliteEnd(settings.database, settings)
    from flowdock.server.store.moving.postgres import PostgresEnd

    return PostgresEnd(settings.database_url, _shown(settings))


def _as_json(
    here: Settings, there: Settings, contents: "Mapping[str, Content]", copied: "Copied | None"
) -> dict[str, object]:
    return {
        "from": _shown(here),
        "to": _shown(there),
        "tables": {name: {"rows": content.rows, "checksum": content.checksum} for name, content in contents.items()},
        "files": copied and files.as_json(copied),
    }


def _tell(here: Settings, there: Settings, contents: "Mapping[str, Content]", copied: "Copied | None") -> None:
    width = max(len(name) for name in contents)
    for name, content in contents.items():
        terminal.say(f"{name:<{width}} {content.rows:>12,}  {content.checksum[:16]}")
    if copied is not None:
        terminal.say(f"{'files':<{width}} {copied.files + copied.there:>12,}")
        if copied.damaged:
            terminal.remark(f"{copied.damaged} files are damaged where they come from, and were left out")
    terminal.say(f"All of {_shown(here)} is in {_shown(there)}")
