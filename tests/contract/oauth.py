"""Somebody with a password, and an application that asks them for things."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flowdock.server import passwords
from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.browser import Browser
from tests.contract.plain import Answer, Caller, ask, basic

EMAIL = "zoe@example.com"
PASSWORD = "correct horse"
BACK = "https://tracker.example/back?from=flowdock"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def make_zoe(server: Server) -> int:
    """The id of somebody with a password, in the server's flow."""
    stored = passwords.hashed(PASSWORD)

    def create(tx: Transaction) -> int:
        user_id = setting_up.create_user(
            tx, nick="zoe", email=EMAIL, name="Zoë <b>", password_hash=stored, org=server.org, admin=False
        )
        setting_up.add_to_flow(tx, org=server.org, flow=server.flow, user_id=user_id, by=server.user.id)
        return user_id

    return server.do(create)


@dataclass(frozen=True, slots=True)
class Application:
    """A developer's application, as a program that speaks to the server."""

    server: Server
    id: int
    client_id: str
    client_secret: str

    @property
    def credentials(self) -> dict[str, str]:
        """What it says of itself in parameters."""
        return {"client_id": self.client_id, "client_secret": self.client_secret}

    def address(self, **more: str) -> str:
        """Where it sends people."""
        return "/oauth/authorize?" + urlencode({"client_id": self.client_id, "response_type": "code", **more})

    def exchange(self, **given: str) -> Answer:
        """Ask for a token, as JSON."""
        return self.post("/oauth/token", {**self.credentials, **given}, Accept="application/json")

    def post(self, path: str, given: dict[str, str], **headers: str) -> Answer:
        """Send a form."""
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return ask(self.server.url, "POST", path, headers=headers, body=urlencode(given).encode())

    def code(self, **more: str) -> str:
        """The code for what zoe allows it in a browser of her own."""
        browser = Browser(self.server.url)
        browser.open(self.address(**more))
        browser.sign_in(EMAIL, PASSWORD)
        browser.submit("/oauth/authorize", decision="approve")
        return browser.told["code"]

    def token(self, scope: str) -> str:
        """An access token for zoe."""
        wanted = {"grant_type": "password", "username": EMAIL, "password": PASSWORD, "scope": scope}
        token: str = self.exchange(**wanted).json["access_token"]
        return token


def register(server: Server, **given: Any) -> Application:
    """A new application of the second person's."""
    developer = Caller(server.url, basic(server.second_user.token))
    made = developer.post("/oauth/applications", **{"name": "Tracker", "redirect_uri": BACK, **given}).json
    return Application(server, made["id"], made["client_id"], made["client_secret"])


def bearer(server: Server, token: str) -> Caller:
    """Somebody who comes with an access token."""
    return Caller(server.url, {"Authorization": f"Bearer {token}"})
