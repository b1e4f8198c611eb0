"""The original Python wrapper, used from here as if it were here."""

from base64 import b64decode
from pathlib import Path
from typing import Any

from tests.contract.foreign import INSTALLED, Answers, Foreign, required

DRIVER = Path(__file__).with_name("wrapper_driver.py")
THE_WRAPPER = 0
ITS_VERSION = 1

NOT_FOUND = r"""AssertionError: \(404, b'{"message":"not found"}'\)"""
RAY = {"name": "Ray", "avatar": "https://example.org/ray.png"}


class RaisedThereError(Exception):
    """What the wrapper raised, as `Type: text`."""


class Thing:
    """Something of the wrapper's: calling it, or anything in it, happens over there."""

    def __init__(self, driver: Foreign, number: int) -> None:
        self._driver = driver
        self._number = number

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **keywords: self.result_of(self.begin(name, *args, **keywords))

    def __call__(self, *args: object, **keywords: object) -> Any:
        return self.result_of(self.begin("__call__", *args, **keywords))

    def __next__(self) -> Any:
        return self.result_of(self.begin("__next__"))

    def begin(self, name: str, /, *args: object, **keywords: object) -> Answers:
        """Start a call without waiting for it."""
        return self._driver.ask(on=self._number, name=name, args=args, keywords=keywords)

    def result_of(self, call: Answers) -> Any:
        """What a call returned, waited for; what it raised is raised."""
        answer = call.next()
        if "raised" in answer:
            raise RaisedThereError(answer["raised"])
        if "bytes" in answer:
            return b64decode(answer["bytes"])
        return Thing(self._driver, answer["thing"]) if "thing" in answer else answer["value"]


class Wrapper(Thing):
    """One version of the wrapper in a process of its own."""

    def __init__(self, version: str, *, api: str, stream: str) -> None:
        python = required(INSTALLED / f"wrapper-{version}" / "bin" / "python")
        # -I: no search path but the interpreter's own, where only the wrapper is.
        self.process = Foreign([python, "-I", DRIVER, api, stream], environment={})
        super().__init__(self.process, THE_WRAPPER)

    @property
    def version(self) -> str:
        """The version that really runs."""
        return str(Thing(self.process, ITS_VERSION)())

    def flow(self, token: str, org: str, flow: str) -> Thing:
        """A flow, connected to in one line."""
        return self._connected(token=token, org=org, flow=flow)

    def private(self, token: str, uid: int) -> Thing:
        """A private conversation, connected to in one line."""
        return self._connected(token=token, uid=uid)

    def service(self, flow_token: str) -> Thing:
        """An integration."""
        return self._connected(flow_token=flow_token)

    def constructor(self, name: str, /, *args: object, **keywords: object) -> Any:
        """What one of the wrapper's constructors makes."""
        return self.result_of(self.begin(f"constructors.{name}", *args, **keywords))

    def _connected(self, **keywords: object) -> Thing:
        thing: Thing = self.connect(**keywords)
        return thing
