"""Everybody who may ask, and everything they may ask for, in an organization that nobody has touched yet.

People are made at once, in one transaction; a thing is made when it is first asked for, by the API itself.
"""

import http.client
import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flowdock.protocol.endpoints import Endpoint
from flowdock.protocol.resources import SCOPES, Scope
from flowdock.server.actions import flows, membership, setting_up
from flowdock.server.domain.actors import Person
from flowdock.server.domain.naming import token_digest
from flowdock.server.store import tokens
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.plain import PATIENCE_SECONDS, Answer

MARK = "zq7x"
"""Is in the name and the content of everything here."""

SAID = f"{MARK} is said"
"""What the founder said in the flow."""

PEOPLE = ("founder", "chief", "member", "blocked", "colleague", "overseer", "stranger")
"""founder: made everything, administers organization and flow. chief: administers the flow. member: is in it. blocked:
was in it. colleague: is in the organization alone. overseer: administers the organization, is not in the flow.
stranger: administers another organization."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks: a person by a token, a source or a provisioner by theirs, or nobody."""

    name: str
    person: str = ""
    scopes: tuple[Scope, ...] | None = None

    def __str__(self) -> str:
        return self.name


NOBODY, SOURCE, PROVISIONER = Caller("nobody"), Caller("source"), Caller("provisioner")
FOREIGN_SOURCE, FOREIGN_PROVISIONER = Caller("source of elsewhere"), Caller("provisioner of elsewhere")
PERSONS = tuple(Caller(name, name) for name in PEOPLE)
LIMITED = (
    Caller("token without scopes", "founder", ()),
    *(Caller(f"token of scope {scope}", "founder", (scope,)) for scope in SCOPES),
)
CALLERS = (NOBODY, *PERSONS, SOURCE, FOREIGN_SOURCE, *LIMITED, PROVISIONER, FOREIGN_PROVISIONER)


@dataclass
class Wire:
    """One connection, kept open, that asks and hears."""

    url: str
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE_SECONDS)

    def ask(self, method: str, path: str, parameters: Mapping[str, object], headers: Mapping[str, str]) -> Answer:
        """The answer; a GET carries its parameters in the query, everything else in JSON."""
        body = None
        if method == "GET":
            path = f"{path}?{urlencode(parameters)}" if parameters else path
        else:
            body, headers = json.dumps(parameters).encode(), {**headers, "Content-Type": "application/json"}
        return self.carry(method, path, body, headers)

    def carry(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """The answer to a request with this body."""
        try:
            self.connection.request(method, target, body, dict(headers))
            response = self.connection.getresponse()
        except ConnectionError:
            # It was not used for so long that the server closed it.
            self.connection.close()
            self.connection.request(method, target, body, dict(headers))
            response = self.connection.getresponse()
        return Answer(response.status, response.headers, response.read())


@dataclass
class World:
    """An organization of its own with people, flows and things."""

    server: Server
    wire: Wire
    org: str
    flow: str
    flow_id: str
    open_flow: str
    archived_flow: str
    ids: Mapping[str, int]
    tokens: Mapping[str, str]
    flow_tokens: Mapping[str, str]
    made: dict[str, Any] = field(default_factory=dict)

    def secrets_from(self, caller: Caller) -> tuple[str, ...]:
        """Texts that nothing told to somebody may hold, whatever they ask for."""
        if caller.person == "stranger":
            return (self.flow_id, self.org, f"founder-{self.flow.removeprefix('main-')}", SAID)
        return (self.flow_id, SAID) if caller.person in ("colleague", "blocked", "overseer") else ()

    @property
    def path(self) -> str:
        """Where the flow is."""
        return f"/flows/{self.org}/{self.flow}"

    def thing(self, name: str) -> Any:
        """A thing by its name, made now if it was not asked for before."""
        if name not in self.made:
            self.made[name] = MAKERS[name](self)
        return self.made[name]

    def filled(self, value: Any) -> Any:
        """A value with things in place of `$names`, wherever they are in it."""
        if isinstance(value, str) and value.startswith("$"):
            return self.thing(value[1:])
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        return {name: self.filled(one) for name, one in value.items()} if isinstance(value, dict) else value

    def headers(self, caller: Caller) -> dict[str, str]:
        """How somebody says who they are."""
        if caller.name.startswith("provisioner"):
            return {"Authorization": f"Bearer {self.thing('access ' + caller.name)['token']}"}
        token = self.tokens.get(caller.name)
        return {} if token is None else {"Authorization": "Basic " + b64encode(f"{token}:".encode()).decode()}

    def ask(self, caller: Caller, row: Endpoint[Any], at: Mapping[str, Any], parameters: Mapping[str, Any]) -> Answer:
        """What an endpoint answers somebody."""
        path = row.url(**{name: self.filled(value) for name, value in at.items()})
        more = {"flow_token": self.flow_tokens[caller.name]} if caller.name in self.flow_tokens else {}
        return self.wire.ask(row.method, path, {**self.filled(dict(parameters)), **more}, self.headers(caller))

    def founder(self, method: str, path: str, **parameters: object) -> Any:
        """What the founder is answered, as JSON; it has to work."""
        answer = self.wire.ask(method, path, parameters, self.headers(Caller("founder", "founder")))
        assert answer.status < 300, (method, path, answer)
        return json.loads(answer.body) if answer.body else None


def new_world(server: Server, wire: Wire) -> World:
    """People and flows that nobody else knows."""
    return server.do(lambda tx: _people_and_flows(tx, server, wire))


def _people_and_flows(tx: Transaction, server: Server, wire: Wire) -> World:
    mark = f"{MARK}{tx.entropy(5).hex()}"
    org, elsewhere = (setting_up.create_organization(tx, f"{kind} {mark}") for kind in ("acme", "else"))
    ids = {
        name: setting_up.create_user(
            tx,
            nick=f"{name}-{mark}",
            email=f"{name}-{mark}@example.com",
            name=name,
            password_hash=None,
            org=elsewhere if name == "stranger" else org,
            admin=name in ("founder", "overseer", "stranger"),
        )
        for name in PEOPLE
    }
    own = {name: setting_up.create_token(tx, user_id=user_id, label=mark) for name, user_id in ids.items()}
    for caller in LIMITED:
        own[caller.name] = tx.entropy(16).hex()
        digest = token_digest(own[caller.name])
        tokens.create(tx, digest, user_id=ids["founder"], label=mark, scopes=caller.scopes)
    flow_id = setting_up.create_flow(tx, org=org, name=f"main-{mark}", creator=ids["founder"])
    setting_up.create_flow(tx, org=org, name=f"open-{mark}", creator=ids["founder"])
    setting_up.create_flow(tx, org=org, name=f"old-{mark}", creator=ids["founder"])
    setting_up.create_flow(tx, org=elsewhere, name=f"main-{mark}", creator=ids["stranger"])
    founder = Person(ids["founder"])
    for flow, names in ((f"main-{mark}", ("chief", "member", "blocked")), (f"old-{mark}", ("chief", "member"))):
        for name in names:
            membership.add_flow_user(tx, founder, org=org, flow=flow, id=ids[name])
    membership.update_flow_user(tx, founder, org=org, flow=f"main-{mark}", user_id=ids["chief"], flow_admin=True)
    membership.update_flow_user(tx, founder, org=org, flow=f"main-{mark}", user_id=ids["blocked"], disabled=True)
    flows.update_flow(tx, founder, org=org, flow=f"open-{mark}", access_mode="organization")
    flows.update_flow(tx, founder, org=org, flow=f"old-{mark}", disabled=True)
    sources = {
        caller.name: setting_up.create_source(
            tx, org=where, flow=f"main-{mark}", name="Build", application="CI", external_url=None, creator=ids[who]
        ).flow_token
        for caller, where, who in ((SOURCE, org, "founder"), (FOREIGN_SOURCE, elsewhere, "stranger"))
    }
    tx.credentials_changed = True
    return World(server, wire, org, f"main-{mark}", flow_id, f"open-{mark}", f"old-{mark}", ids, own, sources)


PICTURE = {
    "data": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "content_type": "image/png",
    "file_name": f"{MARK}.png",
}
FILE = {"data": "aGVsbG8=", "content_type": "text/plain", "file_name": f"{MARK}.txt"}
UPDATE = {
    "@type": "UpdateAction",
    "name": "Retry",
    "target": {"@type": "EntryPoint", "urlTemplate": "http://127.0.0.1:9"},
}


def _message(world: World) -> Any:
    return world.founder("POST", f"{world.path}/messages", event="message", content=SAID)


def _activity(world: World) -> Any:
    parameters = {
        "flow_token": world.flow_tokens["source"],
        "event": "activity",
        "external_thread_id": "1",
        "title": MARK,
        "author": {"name": "Robo"},
        "thread": {"title": MARK, "actions": [UPDATE]},
    }
    answer = world.wire.ask("POST", "/messages", parameters, {"X-flowdock-wait-for-message": "true"})
    return answer.json


def _invitation(world: World) -> Any:
    return world.founder("POST", f"{world.path}/invitations", email=f"{world.flow}@example.net")


def _scim(name: str) -> Callable[[World], Any]:
    def made(world: World) -> Any:
        who, org = ("founder", world.org) if name == "provisioner" else ("stranger", world.org.replace("acme", "else"))
        return world.wire.ask("POST", f"/organizations/{org}/scim", {}, world.headers(Caller(who, who))).json

    return made


def _emoji(world: World) -> str:
    member = world.headers(Caller("member", "member"))
    parameters = {"id": MARK, "image": PICTURE}
    answer = world.wire.ask("POST", f"/organizations/{world.org}/emoji", parameters, member)
    assert answer.status == 201, answer
    return MARK


def _reset_key(world: World) -> str:
    def made(tx: Transaction) -> str:
        key = tx.entropy(20).hex()
        tokens.create(
            tx, token_digest(key), user_id=world.ids["member"], label="", kind="reset", expires_at=tx.now + 60_000
        )
        return key

    return world.server.do(made)


def _delivery(world: World) -> Any:
    place = f"{world.path}/webhooks/{world.thing('webhook')}/deliveries"
    world.founder("POST", f"{world.path}/messages", event="message", content=MARK)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := world.founder("GET", place)):
        assert time.monotonic() < deadline, "nobody delivers"
    return found[0]["id"]


MAKERS: Mapping[str, Callable[[World], Any]] = {
    **{name: lambda world, name=name: world.ids[name] for name in PEOPLE},  # type: ignore[misc]
    "org": lambda world: world.org,
    "flow": lambda world: world.flow,
    "open flow": lambda world: world.open_flow,
    "archived flow": lambda world: world.archived_flow,
    "flow id": lambda world: world.flow_id,
    "org id": lambda world: world.founder("GET", f"/organizations/{world.org}")["id"],
    "nick": lambda world: f"new-{world.org}",
    "address": lambda world: f"new-{world.org}@example.com",
    "said": _message,
    "message": lambda world: world.thing("said")["id"],
    "thread": lambda world: world.thing("said")["thread_id"],
    "presented": _activity,
    "item": lambda world: world.thing("presented")["id"],
    "action thread": lambda world: world.thing("presented")["thread_id"],
    "action": lambda world: world.founder("GET", f"{world.path}/threads/{quote(world.thing('action thread'))}")[
        "actions"
    ][0]["target"]["urlTemplate"].rpartition("/")[2],
    "number": lambda world: world.founder("GET", world.path)["_links"]["files"]["href"].rpartition("/")[2],
    "file": lambda world: world.founder("POST", f"{world.path}/messages", event="file", content=FILE)["content"][
        "path"
    ],
    "private message": lambda world: world.founder(
        "POST", f"/private/{world.ids['member']}/messages", event="message", content=MARK
    )["id"],
    "source": lambda world: world.founder("GET", f"{world.path}/sources")[0]["id"],
    "invited": _invitation,
    "invitation": lambda world: world.thing("invited")["id"],
    "invitation key": lambda world: world.thing("invited")["invitation_url"].rpartition("/")[2],
    "webhook": lambda world: world.founder("POST", f"{world.path}/webhooks", url="http://127.0.0.1:9/hook")["id"],
    "delivery": _delivery,
    "token": lambda world: world.founder("POST", "/user/tokens", label=MARK)["id"],
    "application": lambda world: world.founder("POST", "/oauth/applications", name=MARK)["id"],
    "client": lambda world: world.founder("POST", "/oauth/applications", name=MARK),
    "client id": lambda world: world.thing("client")["client_id"],
    "client secret": lambda world: world.thing("client")["client_secret"],
    "emoji": _emoji,
    "api token": lambda world: world.founder("POST", f"{world.path}/api_token")["api_token"],
    "reset key": _reset_key,
    "access provisioner": _scim("provisioner"),
    "access provisioner of elsewhere": _scim("provisioner of elsewhere"),
    "scim uid": lambda world: world.thing("access provisioner")["url"].rpartition("/")[2],
}
