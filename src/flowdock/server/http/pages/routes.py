"""The addresses of pages: one line each."""

from collections.abc import Callable

from starlette.routing import Route

from flowdock.server.http.answering import Service
from flowdock.server.http.oauth import authorizing
from flowdock.server.http.pages import invitations, login, page, passwords
from flowdock.server.http.pages.pictures import picture
from flowdock.server.http.pages.showing import Handler, Showing
from flowdock.server.http.pages.welcome import welcome
from flowdock.server.http.reference import page as reference


def routes(service: Callable[[], Service]) -> list[Route]:
    """Everything a browser finds here."""

    def shown(path: str, handler: Handler, method: str = "GET") -> Route:
        return Route(path, Showing(handler, service), methods=[method])

    return [
        Route("/", welcome),
        Route("/style.css", page.style),
        Route("/avatars/{number:int}.svg", picture),
        Route("/icons/{number:int}.svg", picture),
        Route("/docs.css", reference.style),
        shown("/docs", reference.show),
        shown("/login", login.show),
        shown("/login", login.sign_in, "POST"),
        shown("/logout", login.sign_out, "POST"),
        shown("/invitations/{key}", invitations.show),
        shown("/invitations/{key}/accept", invitations.accept, "POST"),
        shown("/password_resets", passwords.show),
        shown("/forgotten_password", passwords.ask, "POST"),
        shown("/password_resets/{key}", passwords.show_new),
        shown("/password_resets/{key}/set", passwords.set_new, "POST"),
        shown("/oauth/authorize", authorizing.show),
        shown("/oauth/authorize", authorizing.decide, "POST"),
        shown("/oauth/authorize/{code}", authorizing.show_code),
    ]
