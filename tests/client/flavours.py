"""The asynchronous flavour of the client made to look like the other one, so that each behaviour is told once."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, Self, TypeAlias

from flowdock.client.patience import Patience

Connect: TypeAlias = Callable[..., Any]
"""Takes what `flowdock.connect` takes, and how patient to be."""

HURRIED = Patience(first_wait=0.001, longest_wait=0.02, silence=5)


class Awaited:
    """An object of the asynchronous flavour, used as one of the other."""

    def __init__(self, thing: Any, runner: asyncio.Runner, opened: list[Any]) -> None:
        self.thing = thing
        self._runner = runner
        self._opened = opened

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.thing, name)
        if not callable(attribute):
            return attribute
        return lambda *args, **keywords: self._finished(attribute(*args, **keywords))

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self._finished(self.thing(*args, **keywords))

    def __enter__(self) -> Self:
        self._runner.run(self.thing.__aenter__())
        return self

    def __exit__(self, *error: object) -> None:
        self._runner.run(self.thing.__aexit__(*error))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        try:
            return self._runner.run(self.thing.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def close(self) -> None:
        close = self.thing.aclose if inspect.isasyncgen(self.thing) else self.thing.close
        self._runner.run(close())

    def __repr__(self) -> str:
        return repr(self.thing)

    def _finished(self, result: Any) -> Any:
        if inspect.iscoroutine(result):
            return self._runner.run(result)
        wrapped = Awaited(result, self._runner, self._opened)
        if hasattr(result, "__anext__"):
            if hasattr(result, "close") or inspect.isasyncgen(result):
                self._opened.append(wrapped)
            return wrapped
        return wrapped if type(result).__module__.startswith("flowdock.client._async") else result
