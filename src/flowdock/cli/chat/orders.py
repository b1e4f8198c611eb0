"""What a text that begins with a slash asks for. Pure."""

from dataclasses import dataclass

from flowdock.cli.chat.completion import COMMANDS
from flowdock.cli.failures import Failure

_NEEDS = {"/me": "/me waves", "/status": "/status at lunch", "/upload": "/upload diagram.png"}


@dataclass(frozen=True, slots=True)
class Order:
    """A command and what stands behind it; without a command, a text to send."""

    command: str
    rest: str


def read(text: str) -> Order:
    """What was written as an order. A text that is to begin with a slash has two of them.

    Raises:
        Failure: there is no such command, or it needs something behind it.
    """
    if text.startswith("//"):
        return Order("", text[1:])
    if not text.startswith("/"):
        return Order("", text)
    command, _, rest = text.rstrip().partition(" ")
    if command not in COMMANDS:
        raise Failure(f"there is no command {command!r}; those there are: {', '.join(COMMANDS)} (or begin with //)")
    if command in _NEEDS and not rest.strip():
        raise Failure(f"{command} needs something behind it, as in {_NEEDS[command]!r}")
    return Order(command, rest.strip())
