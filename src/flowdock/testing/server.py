"""The real server, started in milliseconds on a free port of this machine, with people and a flow in it."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self, TypeVar

from flowdock.server import running
from flowdock.server.actions import founding, setting_up
from flowdock.server.actions.founding import Founded, Newcomer
from flowdock.server.app import create_app
from flowdock.server.http.takeover import FlowdockProtocol
from flowdock.server.settings import Settings
from flowdock.server.store.store import REAL, Chance
from flowdock.server.store.transaction import Transaction
from flowdock.testing.faults import Faults, Faulty
from flowdock.testing.stopping import QuickServer

Result = TypeVar("Result")

START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with a token."""

    id: int
    nick: str
    email: str
    token: str


@dataclass(frozen=True, slots=True)
class Image:
    """A folder of a server that has stopped, and what is in it; servers that begin with a copy are there sooner."""

    folder: Path
    founded: Founded


class Server:
    """A server on a folder of its own. It can be stopped and started again on the same port with what it holds.

    Without `durable` it does not wait for the disk. `http="h11"` serves without handing connections over. With a
    `database` (`postgresql://…`) and a `broker` (`redis://…`) it behaves as one of several processes; the database must
    be empty, or filled by `beside`, another such server. `files` is where uploads are kept if not in the folder, such
    as `s3://bucket`, `mail` the server that takes mail to people (`smtp://…`). `chance` is where moments and random
    bytes come from. Webhooks and thread actions may reach `outgoing_networks`, which is this machine.
    With `mail_listen` it takes mail to flows at `mail_port`. It begins with a copy of `image`, if there is one.

    Example:
        with flowdock.testing.Server(tmp_path) as server:
            with flowdock.connect(token=server.user.token, api_url=server.url) as client:
                client(org=server.org, flow=server.flow).send("Hello")
    """

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = False,
        http: type[FlowdockProtocol] | Literal["h11"] = FlowdockProtocol,
        database: str | None = None,
        broker: str | None = None,
        files: str | None = None,
        mail: str | None = None,
        beside: "Server | None" = None,
        chance: Chance = REAL,
        keep_alive_seconds: float = 20,
        activity_seconds: float = 60,
        outgoing_networks: Sequence[str] = ("127.0.0.0/8",),
        outgoing_seconds: float = 10,
        mail_listen: Literal["lmtp", "smtp"] | None = None,
        image: Image | None = None,
    ) -> None:
        self._http = http
        self._chance = chance
        with running.listen("127.0.0.1", 0) as probe:
            self._port: int = probe.getsockname()[1]
        with running.listen("127.0.0.1", 0) as probe:
            self.mail_port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.stream_url = f"{self.url}/stream"
        self._settings = Settings(
            data=folder,
            public_url=self.url,
            database_url=database,
            broker_url=broker,
            files_url=files,
            mail_url=mail,
            durable=durable,
            keep_alive_seconds=keep_alive_seconds,
            activity_seconds=activity_seconds,
            outgoing_seconds=outgoing_seconds,
            mail_listen=mail_listen and f"{mail_listen}://127.0.0.1:{self.mail_port}",
            outgoing_networks=tuple(ip_network(network) for network in outgoing_networks),
        )
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: QuickServer | None = None
        self._founded: Founded | None = None if beside is None else beside.founded
        self.faults = Faults(self)
        if image is not None:
            shutil.copytree(image.folder, folder, dirs_exist_ok=True)
            self._founded = image.founded

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve, with content on the first start."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="flowdock-server", daemon=True)
        self._thread.start()
        if not ready.wait(START_SECONDS):
            raise TimeoutError(f"no server on {self.url} after {START_SECONDS} s")
        if self._founded is None:
            self._founded = self.do(lambda tx: founding.found(tx, _PEOPLE))

    def stop(self) -> None:
        """End all streams in good order, store what waits, and stop."""
        if self._server is not None and self._thread is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._server.end)
            self._thread.join()
            self._thread = None

    def image(self) -> Image:
        """What it holds, once it has stopped, for others to begin with."""
        if self._thread is not None:
            raise RuntimeError("the server still runs; an image is made of one that has stopped")
        return Image(self._settings.data, self.founded)

    def do(self, write: Callable[[Transaction], Result]) -> Result:
        """Run a write inside the server, as an administrator would."""
        assert self._loop is not None
        assert self._server is not None
        store = self._app.service().store
        return asyncio.run_coroutine_threadsafe(store.write(write), self._loop).result(START_SECONDS)

    @property
    def folder(self) -> Path:
        """Where it keeps what it holds."""
        return self._settings.data

    def call(self, function: Callable[[], object]) -> None:
        """Have a function called on the loop on which it runs."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(function)

    @property
    def org(self) -> str:
        """The organization's name in addresses."""
        return self.founded.org

    @property
    def flow(self) -> str:
        """The flow's name in addresses."""
        return self.founded.flow

    @property
    def flow_id(self) -> str:
        """The flow's id."""
        return self.founded.flow_id

    @property
    def flow_token(self) -> str:
        """The token of the flow's source."""
        return self.founded.flow_token

    @property
    def user(self) -> Account:
        """Somebody who administers everything."""
        return self._account(0)

    @property
    def second_user(self) -> Account:
        """Somebody else in the flow."""
        return self._account(1)

    @property
    def third_user(self) -> Account:
        """One more in the flow: a bot."""
        return self._account(2)

    def stranger(self) -> Account:
        """A new person of another organization, in no flow."""

        def create(tx: Transaction) -> Account:
            number = tx.entropy(4).hex()
            org = setting_up.create_organization(tx, f"Elsewhere {number}")
            nick, email = f"stranger{number}", f"stranger{number}@example.org"
            user_id = setting_up.create_user(
                tx, nick=nick, email=email, name=nick, password_hash=None, org=org, admin=True
            )
            return Account(user_id, nick, email, setting_up.create_token(tx, user_id=user_id, label="test"))

        return self.do(create)

    @property
    def founded(self) -> Founded:
        """What the server was filled with."""
        if self._founded is None:
            raise RuntimeError("the server was not started yet; use it as a context manager")
        return self._founded

    def _account(self, at: int) -> Account:
        person = _PEOPLE[at]
        return Account(self.founded.user_ids[at], person.nick, person.email, self.founded.tokens[at])

    def _run(self, ready: threading.Event) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        self._app = create_app(self._settings, chance=self._chance)
        self._server = QuickServer(Faulty(self._app, self.faults), http=self._http)
        self._server.on_ready = ready.set
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[running.listen("127.0.0.1", self._port)])


_PEOPLE = (
    Newcomer("alice", "Alice Example", "alice@example.com", None),
    Newcomer("bob", "Bob Example", "bob@example.com", None),
    Newcomer("carol", "Carol Example", "carol@example.com", None),
)
