"""Flowdock: chat whose every message has a thread, and a team inbox beside it.

    import flowdock

    flow = flowdock.connect(token=TOKEN, org="acme", flow="main")
    flow.send("Hello")

`connect_async` gives the same verbs, awaited.
"""

from typing import TYPE_CHECKING, Any

from flowdock import constructors
from flowdock.protocol.errors import (
    ApiError,
    BadSetting,
    ConnectionFailed,
    FlowdockError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    RateLimited,
    ServerError,
    StreamBroken,
    StreamGap,
    TimedOut,
    TokenMissing,
    Unauthorized,
    UnknownName,
    Unverified,
)

if TYPE_CHECKING:
    from flowdock import actions, oauth
    from flowdock.client._async.client import AsyncClient
    from flowdock.client._async.connect import connect_async
    from flowdock.client._async.events import AsyncStream
    from flowdock.client._async.flow import AsyncFlow, AsyncThread
    from flowdock.client._async.pages import AsyncPages
    from flowdock.client._async.private import AsyncPrivate
    from flowdock.client._async.service import AsyncService
    from flowdock.client._sync.client import Client
    from flowdock.client._sync.connect import connect
    from flowdock.client._sync.events import Stream
    from flowdock.client._sync.flow import Flow, Thread
    from flowdock.client._sync.pages import Pages
    from flowdock.client._sync.private import Private
    from flowdock.client._sync.service import Service

    __version__: str

_LATER = {
    "AsyncClient": "flowdock.client._async.client",
    "AsyncFlow": "flowdock.client._async.flow",
    "AsyncPages": "flowdock.client._async.pages",
    "AsyncPrivate": "flowdock.client._async.private",
    "AsyncService": "flowdock.client._async.service",
    "AsyncStream": "flowdock.client._async.events",
    "AsyncThread": "flowdock.client._async.flow",
    "Client": "flowdock.client._sync.client",
    "Flow": "flowdock.client._sync.flow",
    "Pages": "flowdock.client._sync.pages",
    "Private": "flowdock.client._sync.private",
    "Service": "flowdock.client._sync.service",
    "Stream": "flowdock.client._sync.events",
    "Thread": "flowdock.client._sync.flow",
    "connect": "flowdock.client._sync.connect",
    "connect_async": "flowdock.client._async.connect",
}
"""What needs the HTTP client library, which takes longer to load than all the rest, comes when it is asked for."""

__all__ = [
    "ApiError",
    "AsyncClient",
    "AsyncFlow",
    "AsyncPages",
    "AsyncPrivate",
    "AsyncService",
    "AsyncStream",
    "AsyncThread",
    "BadSetting",
    "Client",
    "ConnectionFailed",
    "Flow",
    "FlowdockError",
    "Forbidden",
    "Gone",
    "Invalid",
    "NotFound",
    "Pages",
    "Private",
    "RateLimited",
    "ServerError",
    "Service",
    "Stream",
    "StreamBroken",
    "StreamGap",
    "Thread",
    "TimedOut",
    "TokenMissing",
    "Unauthorized",
    "UnknownName",
    "Unverified",
    "__version__",
    "actions",
    "connect",
    "connect_async",
    "constructors",
    "oauth",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("flowdock")
    from importlib import import_module

    if name in {"actions", "oauth"}:
        return import_module(f"flowdock.{name}")
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_LATER[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
