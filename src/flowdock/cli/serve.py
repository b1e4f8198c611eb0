"""`flowdock serve`: run a server on a data folder, or several on a database."""

import errno
import re
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from flowdock.cli import databases, engines, lock, terminal
from flowdock.cli.addresses import url_of
from flowdock.cli.engines import (
    Broker,
    Database,
    FilesPlace,
    MailFrom,
    MailListen,
    MailServer,
    OutgoingNetworks,
    Workers,
)
from flowdock.cli.failures import Failure
from flowdock.cli.options import Data
from flowdock.server.settings import DEFAULT_HOST, DEFAULT_PORT, Settings

if TYPE_CHECKING:
    import socket


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
    *,
    data: Data = None,
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    public_url: PublicUrl = None,
    database: Database = None,
    broker: Broker = None,
    files: FilesPlace = None,
    workers: Workers = None,
    mail: MailServer = None,
    mail_from: MailFrom = None,
    outgoing_networks: OutgoingNetworks = None,
    mail_listen: MailListen = None,
) -> None:
    """Run a server on a data folder or a database.

    What is missing is made, and 'flowdock admin' fills it. SIGTERM or Ctrl-C ends all streams properly, then the
    server. With --workers, SIGHUP replaces one process after another, and drops no request.

    Examples:
      flowdock serve --data /var/lib/flowdock --host 0.0.0.0
      flowdock serve --database postgresql://db/flowdock --workers 4
    """
    settings = Settings(
        data=databases.folder_of(data),
        public_url=public_url or "",
        database_url=database,
        broker_url=broker,
        files_url=files,
        mail_url=mail,
        mail_from=mail_from,
        outgoing_networks=engines.networks_of(outgoing_networks),
        mail_listen=mail_listen,
    )
    engines.check(settings, workers=workers)
    with hosting(settings, host=host, port=port, workers=workers) as server:
        databases.open_once(server.settings)
        server.run(lambda: terminal.say(f"Flowdock is running on {server.url}; its data is in {server.place}"))


@dataclass(frozen=True, slots=True)
class Server:
    """A socket that listens, and what it serves. `url` is how this machine reaches it, `workers` how many are to."""

    settings: Settings
    listening: "socket.socket"
    url: str
    workers: int | None = None

    @property
    def stream_url(self) -> str:
        """The address of its streams."""
        return f"{self.url}/stream"

    @property
    def place(self) -> str:
        """Where its data is."""
        return str(self.settings.data) if self.settings.database_url is None else engines.name_of(self.settings)

    def run(self, on_ready: Callable[[], None]) -> None:
        """Serve until a signal comes; `on_ready` is called once, when requests are answered.

        Raises:
            Failure: it could not start.
        """
        from flowdock.server.running import CannotStart

        def ready() -> None:
            with suppress(BrokenPipeError):  # nobody reads what it says, but somebody may talk to it
                on_ready()

        try:
            if self.workers is None or self.settings.database_url is None:
                self._run_here(ready)
            else:
                self._run_workers(self.workers, ready)
        except CannotStart as error:
            raise Failure(databases.reason(error, self.settings)) from error
        terminal.end_line()

    def _run_here(self, ready: Callable[[], None]) -> None:
        from flowdock.server import running
        from flowdock.server.app import create_app

        server = running.Server(create_app(self.settings))
        server.on_ready = ready
        server.run(sockets=[self.listening])

    def _run_workers(self, count: int, ready: Callable[[], None]) -> None:
        from flowdock.server.workers.process import flowdock_with
        from flowdock.server.workers.supervisor import Supervisor

        def remark(text: str) -> None:
            with suppress(OSError):  # its terminal is gone, or whoever read what it says
                terminal.remark(engines.without_passwords(text, self.settings))

        Supervisor(flowdock_with(self.settings), self.listening, count=count, remark=remark).run(ready)


@contextmanager
def hosting(settings: Settings, *, host: str, port: int, workers: int | None = None) -> Generator[Server]:
    """A server that is about to run; inside, its address is taken, and its folder unless others may use it too.

    Where `settings` have no public address, it is where the server listens.

    Raises:
        Failure: one of both belongs to another.
    """
    import flowdock.server.app  # noqa: F401 - comes first: without the server's packages nothing is made
    from flowdock.server import running

    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(settings), _listening(running.listen, host, port) as taken:
        url = url_of(host, taken.getsockname()[1])
        public_url = (settings.public_url or url).rstrip("/")
        yield Server(replace(settings, public_url=public_url), taken, url, workers)


def _alone(settings: Settings) -> AbstractContextManager[None]:
    if settings.database_url is not None:
        return nullcontext()  # only uploads on their way are in the folder, each under a name of its own
    return lock.held(settings.data, why="stop that one, or choose another folder with --data")


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
    why = (str(error).splitlines() or [type(error).__name__])[0]
    return f"cannot listen on {host!r}: {why}; --host takes an address of this machine, such as 127.0.0.1"
