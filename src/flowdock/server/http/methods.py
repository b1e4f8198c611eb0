"""What is answered to a method that an address does not know.

Source: wire facts 1.5 (every error is JSON); RFC 9110, 15.5.6.
"""

from collections.abc import Iterable

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from flowdock.server.domain.refusals import Refusal
from flowdock.server.http.answering import refuse


class MethodNotAllowed:
    """An address that is there, asked by a method that it does not know."""

    def __init__(self, methods: Iterable[str]) -> None:
        self._allowed = ", ".join(sorted(methods))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse one request."""
        del receive
        refusal = Refusal(405, f"{scope['method']} is not possible here; use {self._allowed}")
        await refuse(scope, send, refusal, [(b"allow", self._allowed.encode())])


def other_methods(routes: Iterable[Route]) -> list[Route]:
    """A route for each address of these, to come after them all, for the methods that none of them takes."""
    known: dict[str, set[str]] = {}
    for route in routes:
        known.setdefault(route.path, set()).update(route.methods or ())
    return [Route(path, MethodNotAllowed(methods)) for path, methods in known.items()]
