"""Where the parts are wired together, and only here."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from flowdock.server.actions import flow_keys, indexing, streaming
from flowdock.server.actions.answers import IndexLagsBehind
from flowdock.server.couriers.courier import Courier
from flowdock.server.couriers.mails import courier_of_mails
from flowdock.server.couriers.notices import courier_of_notices
from flowdock.server.couriers.webhooks import courier_of_webhooks
from flowdock.server.domain.refusals import Refusal, not_found, unavailable
from flowdock.server.files import Files
from flowdock.server.http import emoji, fetching
from flowdock.server.http.answering import Service, refuse
from flowdock.server.http.credentials import Credentials
from flowdock.server.http.edge import Edge
from flowdock.server.http.following import PAGE
from flowdock.server.http.health import Health
from flowdock.server.http.help.pages import Help
from flowdock.server.http.limits import Limits
from flowdock.server.http.methods import other_methods
from flowdock.server.http.pages.routes import routes as page_routes
from flowdock.server.http.presence import Company
from flowdock.server.http.readmission import Readmission
from flowdock.server.http.routes import api_routes
from flowdock.server.http.stream import Streams
from flowdock.server.hub.broker import Broker
from flowdock.server.hub.expiring import Expiring, ExpiringInMemory
from flowdock.server.hub.hub import Heard, Hub
from flowdock.server.hub.neighbours import Neighbours
from flowdock.server.mail.delivery import Delivery
from flowdock.server.mail.listener import Listener, where_of
from flowdock.server.outgoing import Guard, Outgoing, smtp
from flowdock.server.records import Site
from flowdock.server.settings import Settings
from flowdock.server.store import logs
from flowdock.server.store.groups import Committed
from flowdock.server.store.sqlite.store import SqliteStore
from flowdock.server.store.store import REAL, Chance, Store, Surroundings
from flowdock.server.store.transaction import Appended

log = logging.getLogger("flowdock.server")


class Flowdock:
    """Flowdock as an ASGI application. It opens its data when the server starts, and closes it at the end."""

    def __init__(self, settings: Settings, *, chance: Chance) -> None:
        self._settings = settings
        self._chance = chance
        self._hub = Hub(self._fetch, on_follow=self._follow, on_unfollow=self._unfollow)
        self._neighbours: Neighbours | None = None
        self._readmission = Readmission(self.service, self._hub)
        self._company = Company(
            self.service, self._hub, seconds=settings.activity_seconds, is_alone=settings.database_url is None
        )
        self._streams = Streams(self.service, self._hub, self._company, limit=settings.stream_limit)
        self._service: Service | None = None
        self._couriers: Sequence[Courier[Any]] = ()
        router = Router(self._routes(), redirect_slashes=False, default=_nothing_here, lifespan=self._lifespan)
        self._app = Edge(router)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hear that the server starts or stops."""
        await self._app(scope, receive, send)

    def service(self) -> Service:
        """What answers need, while the server runs; a refusal (503) before and after."""
        if self._service is None:
            raise unavailable("Starting or stopping; try again")
        return self._service

    def finish_streams(self) -> None:
        """End all streams in good order and take no more: the first thing to do when stopping."""
        self._streams.finish()

    def _routes(self) -> list[Route]:
        routes = [
            *api_routes(self.service),
            Route("/stream/flows", self._streams, methods=["GET"]),
            Route("/stream/flows/{org}/{flow}", self._streams, methods=["GET"]),
            *fetching.routes(self.service),
            *emoji.routes(self.service),
            Route("/health", Health(self._check), methods=["GET"]),
            *page_routes(self.service),
            *Help().routes(),
        ]
        return [*routes, *other_methods(routes)]

    @asynccontextmanager
    async def _lifespan(self, _: object) -> AsyncIterator[None]:
        settings = self._settings
        async with AsyncExitStack() as open_things:
            store = open_store(settings, self._announce, chance=self._chance)
            open_things.callback(store.close)
            while await store.write(flow_keys.complete):
                pass
            broker, expiring = _between_processes(settings, store.site)
            open_things.push_async_callback(expiring.close)
            files = Files(settings.files, secret=store.site.secret, clock=time.time)
            await files.objects.check()
            # Each has connections of its own: what people have done must not wait for what webhooks are told.
            outgoing, telling = _outgoing(settings), _outgoing(settings)
            open_things.push_async_callback(outgoing.close)
            open_things.push_async_callback(telling.close)
            self._service = Service(
                store, self._whisper, expiring, files, Credentials(store, expiring), _limits(settings), outgoing
            )
            self._neighbours = Neighbours(self._hub, self._heads, broker, forget_credentials=self._forget_credentials)
            open_things.callback(self._forget_all)
            self._couriers = (courier_of_webhooks(store, telling), *_mail_couriers(settings, store))
            for work in (
                *(courier.run() for courier in self._couriers),
                self._neighbours.run(),
                self._neighbours.watch.run(),
                self._service.credentials.note_use(settings.activity_seconds),
                self._readmission.run(settings.activity_seconds),
                self._streams.keep_alive(settings.keep_alive_seconds),
                self._company.run(),
            ):
                open_things.push_async_callback(_ended, asyncio.create_task(_lasting(work)))
            if settings.mail_listen is not None:
                listener = _mail_listener(settings, store, files)
                open_things.push_async_callback(listener.close)
                await listener.open()
            open_things.callback(self.finish_streams)
            yield

    def _forget_credentials(self) -> None:
        self._readmission.credentials_changed()
        if self._service is not None:
            self._service.credentials.forget()

    def _forget_all(self) -> None:
        self._service = self._neighbours = None
        self._couriers = ()

    def _announce(self, group: Committed) -> None:
        if group.credentials_changed:
            self._forget_credentials()
        self._hub.announce(group.appended)
        for courier in self._couriers:
            courier.wake()
        if self._neighbours is not None:
            self._neighbours.tell(group.appended, credentials_changed=group.credentials_changed)
            if group.in_doubt:
                self._neighbours.watch.look_at_all()

    def _whisper(self, whispers: Sequence[Appended]) -> None:
        self._announce(Committed([], list(whispers)))

    async def _check(self) -> None:
        if self._streams.closing:
            raise unavailable("Starting or stopping; try again")
        await self.service().store.read(lambda tx: tx.one("SELECT 1"))

    async def _fetch(self, log_id: int, number: int) -> Sequence[Heard]:
        return await self.service().store.read_aside(lambda tx: streaming.replay(tx, log_id, number, limit=PAGE))

    async def _heads(self, log_ids: Sequence[int]) -> Sequence[tuple[int, int]]:
        return await self.service().store.read_aside(lambda tx: logs.heads(tx, log_ids))

    def _follow(self, log_id: int) -> None:
        if self._neighbours is not None:
            self._neighbours.follow(log_id)

    def _unfollow(self, log_id: int) -> None:
        if self._neighbours is not None:
            self._neighbours.unfollow(log_id)


def create_app(settings: Settings, *, chance: Chance = REAL) -> Flowdock:
    """Everything wired together for these settings; another `chance` makes it foreseeable."""
    return Flowdock(settings, chance=chance)


def open_store(
    settings: Settings, announce: Callable[[Committed], None] = lambda _: None, *, chance: Chance = REAL
) -> Store:
    """The database that the settings name, on the running event loop; whoever wants to hears of each commit.

    Raises:
        UnusableDatabase: it cannot be used.
    """
    settings.prepare()
    if settings.database_url is None:
        return SqliteStore(
            settings.database, _around(settings, settings.secret(), announce, chance), durable=settings.durable
        )
    # Here, because its driver is an extra that the embedded database does without.
    from flowdock.server.store.postgres import opening  # noqa: PLC0415
    from flowdock.server.store.postgres.store import PostgresStore  # noqa: PLC0415

    secret = opening.prepare(settings.database_url)
    return PostgresStore(settings.database_url, _around(settings, secret, announce, chance))


def _around(settings: Settings, secret: bytes, announce: Callable[[Committed], None], chance: Chance) -> Surroundings:
    url = settings.public_url
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    return Surroundings(
        site=Site(
            api_url=url,
            web_url=url,
            mail_domain=host,
            secret=secret,
            sends_mail=settings.mail_url is not None,
            takes_mail=settings.mail_listen is not None,
        ),
        announce=announce,
        index=indexing.advance,
        refusals=(Refusal, IndexLagsBehind),
        chance=chance,
    )


def _between_processes(settings: Settings, site: Site) -> tuple[Broker | None, Expiring]:
    """How this process hears of others, and where counters are kept that all share."""
    if settings.broker_url is None:
        return None, ExpiringInMemory()
    from flowdock.server.hub.redis import open_broker, open_expiring  # noqa: PLC0415 - an extra

    return open_broker(settings.broker_url, site=site.name), open_expiring(settings.broker_url, site=site.name)


def _mail_listener(settings: Settings, store: Store, files: Files) -> Listener:
    """What takes mail; processes on one database may do so at the same port."""
    return Listener(
        Delivery(store, files, store.site),
        where_of(settings.mail_listen or ""),
        domain=store.site.mail_domain,
        limit_bytes=min(settings.mail_limit_bytes, settings.upload_limit_bytes),
        shares=settings.database_url is not None,
    )


def _outgoing(settings: Settings) -> Outgoing:
    return Outgoing(Guard(settings.outgoing_networks), seconds=settings.outgoing_seconds)


def _mail_couriers(settings: Settings, store: Store) -> Sequence[Courier[Any]]:
    """Those that mail people, where mail leaves this server."""
    if settings.mail_url is None:
        return ()
    sender = smtp.sender(settings.mail_from or f"Flowdock <flowdock@{store.site.mail_domain}>")
    mails = courier_of_mails(store, smtp.Smtp(smtp.mail_server(settings.mail_url)), sender=sender)
    return mails, courier_of_notices(store)


def _limits(settings: Settings) -> Limits:
    return Limits(
        body_bytes=settings.body_limit_bytes,
        upload_bytes=settings.upload_limit_bytes,
        spool_folder=str(settings.spool),
    )


async def _lasting(work: Coroutine[None, None, None]) -> None:
    """Do what is to be done as long as the server runs; that it ended by itself must not go unnoticed."""
    try:
        await work
    except Exception:
        log.exception("%r ended, which it should not", work)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    if scope["type"] == "http":
        await refuse(scope, send, not_found(), [])
