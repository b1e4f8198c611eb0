"""Who asks for a file is looked at here; the bytes themselves are `files.py`'s.

Source: wire facts 2.11.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from flowdock.server.actions import filing
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import READ_FILE
from flowdock.server.http import files, parameters
from flowdock.server.http.answering import Service, refusal_of, refuse, user_header


class Fetching:
    """The address a message gives of a file: answers where its bytes are, to those who may have them."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        actor: Actor | None = None
        try:
            service = self._service()
            actor = await service.credentials.from_header(scope, READ_FILE)
            given = await parameters.read(Request(scope, receive), limits=service.limits)
            actor = actor or await service.credentials.from_parameters(given, READ_FILE)
            caller, number = actor, scope["path_params"]["number"]
            await service.store.read(lambda tx: filing.may_fetch(tx, caller, number))
            response = await files.redirect(service.files, scope["path"])
        except Exception as error:  # noqa: BLE001 - every failure gets its answer
            await refuse(scope, send, refusal_of(error), user_header(actor))
            return
        response.raw_headers.extend(user_header(actor))
        await response(scope, receive, send)


class Downloading:
    """The short-lived address: the signature in it is all the permission there is to check."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await files.download(Request(scope, receive), files=self._service().files)
        except Exception as error:  # noqa: BLE001 - every failure gets its answer
            await refuse(scope, send, refusal_of(error), [])
            return
        await response(scope, receive, send)


def routes(service: Callable[[], Service]) -> list[Route]:
    """The addresses of files."""
    fetching = Fetching(service)
    return [
        # The name may be cut or missing: a client that does not escape a path ends it at a `#`.
        Route("/files/{number:int}/{key_and_name:path}", fetching, methods=["GET"]),
        Route("/download/{signed:path}", Downloading(service), methods=["GET"]),
    ]
