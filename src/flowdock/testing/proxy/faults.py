"""What may go wrong with one request and its answer. Pure.

`request` and `answer` are how many bytes of the one or the other get through before; exactly one is given. An answer
that is to be hit after 0 bytes has been sent by the server: what was asked for is done.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["cut", "close", "half_close", "stall", "hold", "refuse", "fragment"]
Side: TypeAlias = Literal["request", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; the functions of this module make them."""

    kind: Kind
    side: Side = "request"
    after: int = 0
    """So many bytes of that side get through before."""
    seconds: float | None = None
    """How long it lasts at most; for ever if None."""
    size: int = 0
    """Of pieces in bytes, or how many other requests come first."""


def cut(*, request: int | None = None, answer: int | None = None) -> Fault:
    """Both ends see their connection reset.

    Example:
        proxy.next(faults.cut(answer=100))
    """
    return _at("cut", request, answer)


def close(*, request: int | None = None, answer: int | None = None) -> Fault:
    """Both ends see their connection end in good order, though not everything was said."""
    return _at("close", request, answer)


def half_close(*, request: int | None = None, answer: int | None = None) -> Fault:
    """Who is to receive that side sees it end; the other direction stays open, and nothing more is passed on here."""
    return _at("half_close", request, answer)


def drop_answer() -> Fault:
    """The request is answered, and the connection reset before a byte of the answer gets through."""
    return cut(answer=0)


def stall(*, request: int | None = None, answer: int | None = None, seconds: float | None = None) -> Fault:
    """Nothing more gets through on that side for so long, or for ever, and nobody is told; then all of it does.

    Example:
        proxy.next(faults.stall(answer=0, seconds=2))
    """
    return _at("stall", request, answer, seconds=seconds)


def delay(seconds: float) -> Fault:
    """The request gets through so much later."""
    return stall(request=0, seconds=seconds)


def hold(*, others: int = 1, seconds: float = 1.0) -> Fault:
    """The request gets through after so many later ones have been answered, but after these seconds in any case."""
    return Fault(kind="hold", seconds=seconds, size=others)


def refuse(seconds: float) -> Fault:
    """The connection is reset before a byte of the request gets through, and new ones are refused for so long."""
    return Fault(kind="refuse", seconds=seconds)


def fragment(size: int) -> Fault:
    """The request and its answer arrive in pieces of so many bytes."""
    if size < 1:
        raise ValueError(f"pieces of {size} bytes never arrive; give 1 or more")
    return Fault(kind="fragment", size=size)


def _at(kind: Kind, request: int | None, answer: int | None, *, seconds: float | None = None) -> Fault:
    if (request is None) == (answer is None):
        raise TypeError(f"{kind}() takes request= or answer=, the bytes of it that get through before")
    if request is None:
        return Fault(kind=kind, side="answer", after=answer or 0, seconds=seconds)
    return Fault(kind=kind, side="request", after=request, seconds=seconds)
