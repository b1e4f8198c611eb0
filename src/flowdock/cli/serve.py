"""`flowdock serve`: run a server on a data folder."""

import errno
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

import typer

from flowdock.cli import lock, terminal
from flowdock.cli.addresses import url_of
from flowdock.cli.failures import Failure, problems_of
from flowdock.cli.options import Data
from flowdock.server.settings import DEFAULT_HOST, DEFAULT_PORT, Settings, default_data

if TYPE_CHECKING:
    import socket
    from multiprocessing.connection import Connection

    from flowdock.server.store.store import Store
    from flowdock.server.store.transaction import Transaction

Result = TypeVar("Result")


def _checked(url: str | None) -> str | None:
    if url is not None and not re.match(r"https?://[^/]", url):
        raise typer.BadParameter(f"{url!r} is not an address such as https://flowdock.example.com")
    return url


Host: TypeAlias = Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 is everywhere.")]
Port: TypeAlias = Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="0 takes any free one.")]
PublicUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="FLOWDOCK_PUBLIC_URL",
        callback=_checked,
        show_envvar=False,
        help="How the world reaches this server, for links; else $FLOWDOCK_PUBLIC_URL, else where it listens.",
    ),
]


def serve(
    *, data: Data = None, host: Host = DEFAULT_HOST, port: Port = DEFAULT_PORT, public_url: PublicUrl = None
) -> None:
    """Run a server on a data folder.

    The folder is made if need be, and 'flowdock admin' fills it. SIGTERM or Ctrl-C ends all streams properly, then the
    server.

    Example:
      flowdock serve --data /var/lib/flowdock --host 0.0.0.0
    """
    with hosting(data=data, host=host, port=port, public_url=public_url) as server:
        open_once(server.settings)
        server.run(lambda: terminal.say(f"Flowdock is running on {server.url}; its data is in {server.settings.data}"))


@dataclass(frozen=True, slots=True)
class Server:
    """A data folder that nobody else serves, and a socket that listens. `url` is how this machine reaches it."""

    settings: Settings
    listening: "socket.socket"
    url: str

    @property
    def stream_url(self) -> str:
        """The address of its streams."""
        return f"{self.url}/stream"

    def run(self, on_ready: Callable[[], None]) -> None:
        """Serve until a signal comes; `on_ready` is called once, when requests are answered."""
        from flowdock.server import running
        from flowdock.server.app import create_app

        def ready() -> None:
            with suppress(BrokenPipeError):  # nobody reads what it says, but somebody may talk to it
                on_ready()

        server = running.Server(create_app(self.settings))
        server.on_ready = ready
        server.run(sockets=[self.listening])
        terminal.end_line()


@contextmanager
def hosting(*, data: Path | None, host: str, port: int, public_url: str | None) -> Generator[Server]:
    """A server that is about to run; inside, its folder is locked and its address taken.

    Raises:
        Failure: one of both belongs to another.
    """
    from flowdock.server import running  # comes first: without the server's packages nothing is made

    folder = folder_of(data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    alone = lock.held(folder, why="stop that one, or choose another folder with --data")
    with alone, _listening(running.listen, host, port) as taken:
        url = url_of(host, taken.getsockname()[1])
        settings = Settings(data=folder, public_url=(public_url or url).rstrip("/"))
        yield Server(settings, taken, url)


def folder_of(data: Path | None) -> Path:
    """The data folder that is meant, as an absolute path."""
    return (data or default_data()).expanduser().absolute()


def performed(settings: Settings, write: "Callable[[Transaction], Result]") -> Result:
    """The result of a write on a data folder, whose database is made or migrated if need be.

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
        raise Failure(f"the database {settings.database} cannot be used: {_first_line(error)}") from error


def _opened(settings: Settings) -> "Store":
    from flowdock.server.app import open_store
    from flowdock.server.store.schema import UnusableDatabase

    try:
        return open_store(settings)
    except OSError:
        raise
    except UnusableDatabase as error:
        raise Failure(str(error)) from error
    except Exception as error:  # whatever SQLite, SQLAlchemy and Alembic raise
        raise Failure(f"the database {settings.database} cannot be opened: {_first_line(error)}") from error


def open_once(settings: Settings) -> None:
    """Make or migrate the database of a data folder.

    Raises:
        Failure: it cannot be used.
    """
    if settings.database.exists():
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
            error = Failure(f"what makes {settings.database} was killed; start again")
    process.join()
    if error is not None:
        raise error


def _report(work: Callable[[Settings], object], settings: Settings, sending: "Connection") -> None:
    try:
        work(settings)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - raised where it is waited for
        sending.send(error)
    else:
        sending.send(None)


def _make(settings: Settings) -> None:
    performed(settings, lambda _tx: None)


@contextmanager
def _listening(listen: "Callable[[str, int], socket.socket]", host: str, port: int) -> "Generator[socket.socket]":
    try:
        taken = listen(host, port)
        taken.listen()  # from here on nobody else can have the port
    except (OSError, UnicodeError) as error:
        raise Failure(_cannot_listen(host, port, error)) from error
    with taken:
        yield taken


def _cannot_listen(host: str, port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with --port, or --port 0 for any free one"
    if number == errno.EACCES:
        return f"port {port} needs more rights than you have; choose one above 1023 with --port"
    return (
        f"cannot listen on {host!r}: {_first_line(error)}; --host takes an address of this machine, such as 127.0.0.1"
    )


def _first_line(error: Exception) -> str:
    return (str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__])[0]
