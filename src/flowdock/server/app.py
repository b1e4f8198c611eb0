"""Where the parts are wired together, and only here."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from flowdock.server.actions import indexing
from flowdock.server.actions.answers import IndexLagsBehind
from flowdock.server.domain.refusals import Refusal, not_found
from flowdock.server.files import Files
from flowdock.server.http import fetching, pages
from flowdock.server.http.answering import Service, refuse
from flowdock.server.http.credentials import Credentials
from flowdock.server.http.edge import Edge
from flowdock.server.http.limits import Limits
from flowdock.server.http.methods import other_methods
from flowdock.server.http.routes import api_routes
from flowdock.server.http.stream import Streams
from flowdock.server.hub.hub import Hub
from flowdock.server.records import Site
from flowdock.server.settings import Settings
from flowdock.server.store.store import Store
from flowdock.server.store.writer import Committed


def open_store(
    settings: Settings, *, hub: Hub | None = None, on_credentials: "list[Credentials] | None" = None
) -> Store:
    """The database of a data folder, on the running event loop. What is committed is announced to the hub."""

    def announce(group: Committed) -> None:
        if group.credentials_changed:
            for credentials in on_credentials or ():
                credentials.forget()
        if hub is not None:
            hub.announce(group.appended)

    secret = settings.prepare()
    url = settings.public_url
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    return Store(
        settings.database,
        site=Site(api_url=url, web_url=url, mail_domain=host, secret=secret),
        announce=announce,
        index=indexing.catch_up,
        refusals=(Refusal, IndexLagsBehind),
        durable=settings.durable,
    )


class Flowdock:
    """Flowdock as an ASGI application. It opens its data when the server starts, and closes it at the end."""

    def __init__(self, app: ASGIApp, finish_streams: Callable[[], None], service: Callable[[], Service]) -> None:
        self._app = app
        self.finish_streams = finish_streams
        """End all streams in good order and take no more: the first thing to do when stopping."""
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hear that the server starts or stops."""
        await self._app(scope, receive, send)


def create_app(settings: Settings) -> Flowdock:
    """Everything wired together for these settings."""
    hub = Hub()
    running: list[Service] = []

    def service() -> Service:
        if not running:
            raise Refusal(503, "Starting or stopping; try again")
        return running[0]

    streams = Streams(service, hub, limit=settings.stream_limit)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        listeners: list[Credentials] = []
        store = open_store(settings, hub=hub, on_credentials=listeners)
        credentials = Credentials(store)
        listeners.append(credentials)
        files = Files(settings.files, secret=settings.prepare(), clock=time.time)
        limits = Limits(
            body_bytes=settings.body_limit_bytes,
            upload_bytes=settings.upload_limit_bytes,
            spool_folder=str(settings.spool),
        )
        running.append(Service(store, files, credentials, limits))
        tasks = [
            asyncio.create_task(streams.keep_alive(settings.keep_alive_seconds)),
            asyncio.create_task(streams.show_presence(settings.activity_seconds)),
        ]
        try:
            yield
        finally:
            streams.finish()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            running.clear()
            store.close()

    routes = [
        *api_routes(service),
        Route("/stream/flows", streams, methods=["GET"]),
        Route("/stream/flows/{org}/{flow}", streams, methods=["GET"]),
        *fetching.routes(service),
        Route("/avatars/{user_id:int}.svg", pages.avatar),
        Route("/", pages.welcome),
    ]
    routes += other_methods(routes)
    router = Router(routes, redirect_slashes=False, default=_nothing_here, lifespan=lifespan)
    return Flowdock(Edge(router), streams.finish, service)


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    if scope["type"] == "http":
        await refuse(scope, send, not_found(), [])
