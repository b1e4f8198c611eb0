"""Two servers that live at the same moments and draw the same random bytes, so that they can answer alike."""

import http.client
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import shake_256
from itertools import combinations_with_replacement
from pathlib import Path
from typing import NamedTuple

import psycopg

from flowdock.protocol.stream import SseDecoder
from flowdock.server.actions import setting_up
from flowdock.server.settings import Settings
from flowdock.server.store import conversations, people
from flowdock.server.store.postgres import opening
from flowdock.server.store.store import Chance
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.journeys.talking import basic

BEGAN = 1_600_000_000_000
NAMES = ("alice", "bob", "carol")
OTHER_FLOWS = ("zebra", "Zoo", "ärger", "_x", "a-b", "AB")
"""Names whose order depends on who compares them."""
SOMEBODY = 1
"""The id of somebody who is in another flow of the same organization."""


class Dice:
    """Moments and random bytes that follow from the number of the throw."""

    def __init__(self) -> None:
        self._throw = self._drawn = 0

    def throw(self, number: int) -> None:
        """From now on it is this throw's moment."""
        self._throw, self._drawn = number, 0

    def clock(self) -> int:
        """The moment in milliseconds since 1970."""
        return BEGAN + self._throw * 1000

    def entropy(self, count: int) -> bytes:
        """So many bytes, others each time."""
        self._drawn += 1
        return shake_256(f"{self._throw} {self._drawn}".encode()).digest(count)


class Answer(NamedTuple):
    """All that a client sees of an answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Team:
    """Three people, a flow with all of them and a source, on whichever server."""

    name: str
    flow_id: str
    flow_token: str
    user_ids: tuple[int, ...]
    tokens: tuple[str, ...]
    logs: tuple[int, int]
    """The log of the flow, and that of what happens to the first of them."""


class Twin:
    """One of the two servers."""

    def __init__(self, server: Server, dice: Dice) -> None:
        self.server = server
        self.dice = dice
        self._place = server.url.removeprefix("http://")
        self._connection = http.client.HTTPConnection(self._place, timeout=20)

    def ask(self, throw: int, token: str, method: str, path: str, content: object = None) -> Answer:
        """The answer to a request, as if the server were at the same address as its twin."""
        self.dice.throw(throw)
        headers = basic(token) | {"Content-Type": "application/json", "X-flowdock-wait-for-message": "true"}
        self._connection.request(method, path, None if content is None else json.dumps(content), headers)
        answer = self._connection.getresponse()
        shown = [(name, self._anywhere(value.encode()).decode()) for name, value in answer.getheaders()]
        return Answer(answer.status, shown, self._anywhere(answer.read()))

    def replayed(self, token: str, path: str, *, cursor: str, last: Sequence[bytes]) -> bytes:
        """What a stream says that begins with the first event, until it said all of these."""
        connection = http.client.HTTPConnection(self._place, timeout=20)
        with closing(connection):
            headers = basic(token) | {"Accept": "text/event-stream", "Last-Event-ID": cursor}
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            said = b""
            while not all(word in said for word in last) or not said.endswith(b"\n\n"):
                said += response.read1(65536)
        assert len(SseDecoder().decode(said)) > 0
        return self._anywhere(said)

    def close(self) -> None:
        """Ask no more."""
        self._connection.close()

    def _anywhere(self, content: bytes) -> bytes:
        return content.replace(self._place.encode(), b"flowdock.example")


def share_the_secret(folder: Path, url: str) -> None:
    """Let both sites have the same secret, from which tokens are derived."""
    secret = Settings(data=folder, public_url="").secret()
    opening.prepare(url)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE site SET value = %s WHERE name = 'secret'", (secret,))


def chance(dice: Dice) -> Chance:
    return Chance(clock=dice.clock, entropy=dice.entropy)


def a_team(tx: Transaction) -> Team:
    """People and a flow of their own, so that one example knows nothing of another."""
    number = tx.entropy(6).hex()
    ids = []
    for name in NAMES:
        nick, email = f"{name}{number}", f"{name}{number}@example.org"
        ids.append(
            setting_up.create_user(tx, nick=nick, email=email, name=name, password_hash=None, org="acme", admin=False)
        )
    name = f"f{number}"
    flow_id = setting_up.create_flow(tx, org="acme", name=name, creator=ids[0])
    for user_id in ids[1:]:
        setting_up.add_to_flow(tx, org="acme", flow=name, user_id=user_id, by=ids[0])
    source = setting_up.create_source(
        tx, org="acme", flow=name, name="CI", application="CI", external_url=None, creator=ids[0]
    )
    for other in OTHER_FLOWS:
        setting_up.create_flow(tx, org="acme", name=f"{other} {number}", creator=ids[0])
    # Begun here: PostgreSQL does not give a number again that a refused request had taken for a log.
    for pair in combinations_with_replacement([SOMEBODY, *ids], 2):
        conversations.begin(tx, *pair)
    tokens = tuple(setting_up.create_token(tx, user_id=user_id, label="x") for user_id in ids)
    [log_id] = tx.one("SELECT log_id FROM flows WHERE id = ?", (flow_id,)) or ()
    return Team(name, flow_id, source.flow_token, tuple(ids), tokens, (log_id, people.get(tx, ids[0]).log_id))


def difference(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Where two contents begin to differ."""
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), len(one))
    return one[max(0, at - 100) : at + 100], other[max(0, at - 100) : at + 100]
