"""For tests of programs that talk to Flowdock: the real server, faults, a clock, bots under test, recordings.

`pip install 'flowdock[testing]'` makes it a pytest plug-in with the fixtures `flowdock_server`, `flow`, `async_flow`,
`second_user`, `service` and `clock`.

Example:
    with flowdock.testing.Server(tmp_path) as server:
        with flowdock.connect(token=server.user.token, api_url=server.url) as client:
            client(org=server.org, flow=server.flow).send("Hello")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowdock.testing.bots import BotTester, Said, Speaker
    from flowdock.testing.clock import Clock
    from flowdock.testing.faults import Faults
    from flowdock.testing.hearing import assert_heard, assert_not_heard, transcript
    from flowdock.testing.recording import record, replay
    from flowdock.testing.server import Account, Image, Server

_ROOMS = {
    "Account": "server",
    "BotTester": "bots",
    "Clock": "clock",
    "Faults": "faults",
    "Image": "server",
    "Said": "bots",
    "Server": "server",
    "Speaker": "bots",
    "assert_heard": "hearing",
    "assert_not_heard": "hearing",
    "record": "recording",
    "replay": "recording",
    "transcript": "hearing",
}
"""What is loaded when it is asked for: pytest loads the plug-in also for tests that want nothing of it."""

__all__ = [
    "Account",
    "BotTester",
    "Clock",
    "Faults",
    "Image",
    "Said",
    "Server",
    "Speaker",
    "assert_heard",
    "assert_not_heard",
    "record",
    "replay",
    "transcript",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"flowdock.testing.{_ROOMS[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
