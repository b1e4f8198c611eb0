"""The database behind a command: made, migrated and written to."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flowdock.cli import engines
from flowdock.cli.failures import Failure, problems_of
from flowdock.server.settings import Settings, default_data

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from flowdock.server.store.store import Store
    from flowdock.server.store.transaction import Transaction

Result = TypeVar("Result")


def folder_of(data: Path | None) -> Path:
    """The data folder that is meant, as an absolute path."""
    return (data or default_data()).expanduser().absolute()


def performed(settings: Settings, write: "Callable[[Transaction], Result]") -> Result:
    """The result of a write on a database, which is made or migrated if need be.

    Raises:
        Failure: the write was refused, or the database cannot be used.
    """
    import asyncio

    from flowdock.server.domain.refusals import Refusal
    from flowdock.server.store.transaction import Unavailable

    async def perform() -> Result:
        store = _opened(settings)
        try:
            return await store.write(write)
        finally:
            store.close()

    try:
        return asyncio.run(perform())
    except Refusal as error:
        raise Failure(problems_of(error.errors) or error.message) from error
    except Unavailable as error:
        raise Failure(f"the database {engines.name_of(settings)} cannot be used: {reason(error, settings)}") from error


def open_once(settings: Settings) -> None:
    """Make or migrate the database of a server that is about to start.

    Raises:
        Failure: it cannot be used.
    """
    if settings.database_url is None and settings.database.exists():
        _make(settings)
    else:
        apart(_make, settings)


def apart(work: Callable[[Settings], object], settings: Settings) -> None:
    """Do something in a process of its own: what makes a database would otherwise fill the server's memory for ever.

    That process shares the folder's lock, so nobody else begins while it lives, even if this one is killed.
    """
    from multiprocessing import get_all_start_methods, get_context

    if "fork" not in get_all_start_methods():
        work(settings)
        return
    context = get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_report, args=(work, settings, sending))
    process.start()
    sending.close()
    with receiving:
        try:
            error = receiving.recv()
        except EOFError:
            error = Failure(f"what makes {engines.name_of(settings)} was killed; start again")
    process.join()
    if error is not None:
        raise error


def reason(error: BaseException, settings: Settings) -> str:
    """The first line of what an error says, without passwords."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return engines.without_passwords((lines or [type(error).__name__])[0], settings)


def _opened(settings: Settings) -> "Store":
    from flowdock.server.app import open_store
    from flowdock.server.store.schema import UnusableDatabase

    try:
        return open_store(settings)
    except OSError:
        raise
    except UnusableDatabase as error:
        raise Failure(reason(error, settings)) from error
    except Exception as error:  # whatever drivers, SQLAlchemy and Alembic raise
        name = engines.name_of(settings)
        raise Failure(f"the database {name} cannot be opened: {reason(error, settings)}") from error


def _report(work: Callable[[Settings], object], settings: Settings, sending: "Connection") -> None:
    try:
        work(settings)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - raised where it is waited for
        sending.send(error)
    else:
        sending.send(None)


def _make(settings: Settings) -> None:
    performed(settings, lambda _tx: None)
