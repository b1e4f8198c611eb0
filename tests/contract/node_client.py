"""The npm package `flowdock`, used from here as if it were here."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.contract.foreign import INSTALLED, Answers, Foreign, required

DRIVER = Path(__file__).parent / "node" / "driver.js"


class NodeClient:
    """The package in a Node process of its own, told by its environment where to talk to."""

    def __init__(self, *, api: str, stream: str) -> None:
        modules = required(INSTALLED / "node" / "node_modules" / "flowdock").parent
        node = shutil.which("node")
        if node is None:
            pytest.skip(
                "Node.js is not installed (Debian, Ubuntu: 'apt-get install npm'); then run tools/contract-clients"
            )
        environment = {
            "NODE_PATH": str(modules),
            "NODE_NO_WARNINGS": "1",
            "FLOWDOCK_API_URL": api,
            "FLOWDOCK_STREAM_URL": f"{stream}/flows",
        }
        self._driver = Foreign([node, DRIVER], environment=environment)

    def session(self, *credentials: str) -> "Session":
        """Somebody signed in: by a token alone, or by e-mail address and password."""
        opened = self._driver.ask(session=credentials)
        opened.next()
        return Session(self._driver, opened.number)

    def close(self) -> None:
        """End the process."""
        self._driver.close()


class Session:
    """A session of the package."""

    def __init__(self, driver: Foreign, number: int) -> None:
        self._driver = driver
        self._number = number

    def call(self, name: str, *args: object) -> dict[str, Any]:
        """What the callback got: `value`, `status` and `headers`, or `raised`."""
        return self._driver.ask(on=self._number, call=name, args=args).next()

    def answer(self, name: str, *args: object) -> Any:
        """The value of a call that went well."""
        return self.call(name, *args)["value"]

    def stream(self, flows: list[str], options: dict[str, object]) -> "Stream":
        """Everything a stream emits."""
        return Stream(self._driver.ask(on=self._number, stream=[flows, options]))


class Stream:
    """A stream of the package. It connects again by itself for as long as its process runs."""

    def __init__(self, emitted: Answers) -> None:
        self._emitted = emitted

    def next(self) -> tuple[str, list[Any]]:
        """The next thing it emits: the event's name and what comes with it."""
        emitted = self._emitted.next()
        return emitted["event"], emitted["value"]

    def wait_for(self, name: str) -> list[Any]:
        """What comes with the next event of this name; others before it are passed over."""
        while True:
            event, value = self.next()
            if event == name:
                return value

    def message(self) -> Any:
        """The next thing said, with nothing else before it."""
        event, value = self.next()
        assert event == "message", (event, value)
        return value[0]
