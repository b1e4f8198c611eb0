"""A page as an ASGI application: what goes wrong is a page too, and forms count only when they come from our pages."""

from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from flowdock.server.domain.refusals import Refusal
from flowdock.server.http import parameters
from flowdock.server.http.answering import Service, refusal_of
from flowdock.server.http.pages.page import told

Handler = Callable[[Service, Request], Awaitable[Response]]

_TITLES = {400: "This is not possible", 403: "This is not allowed", 404: "There is nothing here", 429: "Please wait"}


class Showing:
    """What a handler makes of each request."""

    def __init__(self, handler: Handler, service: Callable[[], Service]) -> None:
        self._handler = handler
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show one page."""
        request = Request(scope, receive)
        try:
            service = self._service()
            if request.method == "POST":
                demand_own_page(service, request)
            response = await self._handler(service, request)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - every failure gets its page
            refusal = refusal_of(error)
            response = told(
                _TITLES.get(refusal.status, "Something went wrong"), sentence(refusal), status=refusal.status
            )
            if refusal.retry_after:
                response.headers["retry-after"] = str(refusal.retry_after)
        await response(scope, receive, send)


async def texts(service: Service, request: Request) -> dict[str, str]:
    """The parameters of a page that are texts, those of its address and of its form."""
    given = await parameters.read(request, limits=service.limits)
    for upload in parameters.uploads_in(given):
        upload.close()
    return {name: value for name, value in given.items() if isinstance(value, str)}


def demand_own_page(service: Service, request: Request) -> None:
    """Refuse a form that another site's page sent with our cookies: browsers say where a form comes from."""
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    # What ends TLS before this server may not say so: then the page came by https and the form by http.
    own = {_origin(service.store.site.web_url), f"{request.url.scheme}://{host}", f"https://{host}"}
    if origin not in own:
        raise Refusal(403, "This form did not come from a page of this Flowdock; open the page here and try again")


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def sentence(refusal: Refusal) -> str:
    """What a refusal says, for people: the problems of each field included."""
    problems = [f"{field} {problem}" for field, some in refusal.errors.items() for problem in some]
    return f"{refusal.message}: {'; '.join(problems)}" if problems else refusal.message
