"""Who and what the examples of docstrings talk about: each name is made when an example mentions it."""

import ast
import asyncio
import hashlib
import hmac
import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import cached_property
from secrets import token_hex
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

import flowdock
from flowdock import actions, oauth
from flowdock import bot as bots
from flowdock import constructors as new
from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract import oauth as asking
from tests.contract.browser import Browser
from tests.docs import bots as living

ORG, FLOW = "acme", "main"
SECRET = "0123456789abcdef0123456789abcdef"
ACTION = b'{"@type":"UpdateAction","name":"Build again"}'
TOLD = b'{"event":"message","content":"Hello"}'
PAUSE_SECONDS = 0.01


class Enough(BaseException):
    """An example that listens without end has shown something."""


class Cast:
    """The names of one example, of one flavour. The server is the one that the environment names."""

    def __init__(self, server: Server, example: str, *, is_async: bool, integration: str) -> None:
        self._server = server
        self._example = example
        self._is_async = is_async
        self._integration = integration
        self._open = ExitStack()
        self._awaited: list[Any] = []
        self._alice = self._open.enter_context(flowdock.connect(token=server.user.token))
        self._bob = self._open.enter_context(flowdock.connect(token=server.second_user.token))
        self._flow = self._alice(org=ORG, flow=FLOW)

    def run(self) -> None:
        """Run the example."""
        if "bot" in _names(self._example):
            with self._open:
                asyncio.run(self._live())
            return
        listens = ".events(" in self._example
        code = compile(self._example, "<example>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        with self._open, suppress(Enough), self._somebody_talks() if listens else nullcontext():
            asyncio.run(self._run(code, _stop if listens else _nothing))

    async def _live(self) -> None:
        """Run an example of a bot, which is the third person's."""
        bot = bots.Bot(token=self._server.third_user.token, memory="bot.db")
        mine = {name: self._made(name) for name in _names(self._example) if name != "bot"} | {"print": _nothing}
        names = {name: value for name, value in mine.items() if value is not None}
        await living.live(self._example, bot, names, self._bob(org=ORG, flow=FLOW))

    async def _run(self, code: Any, shown: Callable[..., None]) -> None:
        names = {name: self._made(name) for name in _names(self._example)} | {"print": shown}
        try:
            # A function runs on past an `await`; an example without one is over when it comes back.
            result = eval(code, {name: value for name, value in names.items() if value is not None})
            if inspect.isawaitable(result):
                await result
        finally:
            for thing in reversed(self._awaited):
                await thing.close()

    def _made(self, name: str) -> Any:
        make = getattr(self, f"make_{name}", None)
        return make() if make else PLAIN.get(name)

    def _connected(self, **keywords: Any) -> Any:
        if not self._is_async:
            return self._open.enter_context(flowdock.connect(**keywords))
        self._awaited.append(flowdock.connect_async(**keywords))
        return self._awaited[-1]

    @contextmanager
    def _somebody_talks(self) -> Iterator[None]:
        """Until the example has heard it."""
        is_over = Event()

        def talk() -> None:
            while not is_over.wait(PAUSE_SECONDS):
                self._bob(org=ORG, flow=FLOW).send("Is anybody there?")

        talking = Thread(target=talk)
        talking.start()
        try:
            yield
        finally:
            is_over.set()
            talking.join()

    def make_TOKEN(self) -> str:  # noqa: N802 - as in examples
        return self._server.user.token

    def make_FLOW_TOKEN(self) -> str:  # noqa: N802
        return self._server.flow_token

    def make_client(self) -> Any:
        return self._connected(token=self._server.user.token)

    def make_flow(self) -> Any:
        return self._connected(token=self._server.user.token, org=ORG, flow=FLOW)

    def make_private(self) -> Any:
        return self._connected(token=self._server.user.token, name="Ray_")

    def make_service(self) -> Any:
        return self._connected(flow_token=self._server.flow_token)

    def make_me(self) -> Any:
        return self._alice.me()

    def make_ray(self) -> Mapping[str, Any]:
        """Somebody new of the organization and the flow."""

        def create(tx: Transaction) -> int:
            nick = f"ray{token_hex(4)}"
            user_id = setting_up.create_user(
                tx, nick=nick, email=f"{nick}@example.com", name="Ray", password_hash=None, org=ORG, admin=False
            )
            setting_up.add_to_flow(tx, org=ORG, flow=FLOW, user_id=user_id, by=self._server.user.id)
            return user_id

        return {"id": self._server.do(create)}

    def make_thread_id(self) -> str:
        return self._flow.send("Hello")["thread_id"]

    def make_msg(self) -> Any:
        return self._flow.upload("diagram.png") if '["path"]' in self._example else self._flow.send("Hello")

    def make_reply(self) -> Any:
        return self._flow.send("and hello again")

    def make_app(self) -> Any:
        return self._alice.create_application("Tracker", "https://tracker.example.com/back")

    def make_source(self) -> Any:
        return self._flow.create_source("CI")

    def make_webhook(self) -> Any:
        return self._flow.create_webhook("https://ci.example.com/flowdock", events=["file"])

    def make_invitation(self) -> Any:
        return self._flow.invite(f"dora{token_hex(4)}@example.com")

    def make_invitation_url(self) -> Any:
        theirs = self._bob.create_flow(ORG, f"Releases {token_hex(4)}")["parameterized_name"]
        return self._bob(org=ORG, flow=theirs).invite(self._server.user.email)["invitation_url"]

    def make_item(self) -> Any:
        """An item with a button, by an integration that listens."""
        app = self._alice.create_application("CI", "https://ci.example.com/back")
        token = self._flow.create_source("CI", application_id=app["id"])["flow_token"]
        again = new.update_action("Build again", self._integration)
        with flowdock.connect(flow_token=token) as service:
            state = new.thread("Build 42", actions=[again])
            presented = service.present("BUILD-42", new.author("Ray"), "saw it fail", thread=state, wait=True)
        return self._flow.show(presented["id"])

    @cached_property
    def _registered(self) -> asking.Application:
        return asking.register(self._server, redirect_uri=oauth.OUT_OF_BAND)

    def make_ID(self) -> str:  # noqa: N802
        return self._registered.client_id

    def make_SECRET(self) -> str:  # noqa: N802
        return self._registered.client_secret

    def make_oauth(self) -> Any:
        kind = oauth.AsyncOAuth if self._is_async else oauth.OAuth
        made = self._registered
        tokens = made.exchange(
            grant_type="password", username=asking.EMAIL, password=asking.PASSWORD, scope="flow offline_access"
        )
        return kind(client_id=made.client_id, client_secret=made.client_secret, tokens=tokens.json)

    @cached_property
    def _asked(self) -> oauth.Authorization:
        made = self._registered
        return oauth.OAuth(client_id=made.client_id, client_secret=made.client_secret).authorize_url()

    def make_asked(self) -> oauth.Authorization:
        return self._asked

    def make_code(self) -> str:
        return self._allowed(self._asked.url)

    def make_input(self) -> Callable[[str], str]:
        return self._allowed

    def _allowed(self, told: str) -> str:
        """The code that zoe is shown when she allows what she is asked for at an address in a text."""
        browser = Browser(self._server.url)
        browser.open(told[told.index("/oauth/") :].split(maxsplit=1)[0])
        browser.sign_in(asking.EMAIL, asking.PASSWORD)
        browser.submit("/oauth/authorize", decision="approve")
        return browser.address.rpartition("/")[2]

    def make_request(self) -> SimpleNamespace:
        """What Flowdock asks another program, as that one sees it."""
        if "verify_webhook" in self._example:
            signature = hmac.new(SECRET.encode(), TOLD, "sha1").hexdigest()
            return SimpleNamespace(headers={"X-Flowdock-Signature": f"sha1={signature}"}, body=TOLD)
        claims = {"sub": "7", "exp": int(time.time()) + 30, "signature": hashlib.sha256(ACTION).hexdigest()}
        token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
        return SimpleNamespace(headers={"FLOWDOCK-TOKEN": token}, body=ACTION)


def _names(example: str) -> list[str]:
    """The names that an example reads; those that it makes by itself are made all the same, for nothing."""
    nodes = ast.walk(ast.parse(example))
    return sorted({node.id for node in nodes if isinstance(node, ast.Name)})


def _stop(*_: object) -> None:
    raise Enough


def _nothing(*_: object) -> None:
    pass


PLAIN: Mapping[str, Any] = {
    "flowdock": flowdock,
    "actions": actions,
    "new": new,
    "OAuth": oauth.OAuth,
    "AsyncOAuth": oauth.AsyncOAuth,
    "author": new.author("Ray"),
    "thread": new.thread("Item 7"),
    "PASSWORD": asking.PASSWORD,
    "CLIENT_SECRET": SECRET,
    "WEBHOOK_SECRET": SECRET,
    "session": {},
}
