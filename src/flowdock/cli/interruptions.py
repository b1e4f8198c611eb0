"""Ctrl-C and a request to end wait until what is begun is whole."""

import signal
from collections.abc import Generator
from contextlib import contextmanager

HELD = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held() -> Generator[None]:
    """Let no interruption come between what is done inside; one that came has its effect right after it.

    Only in the main thread, where signals are handled.
    """
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _frame: came.append(number)) for number in HELD}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for late in came:
        signal.raise_signal(late)
