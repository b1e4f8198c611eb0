"""SQLite and PostgreSQL answer alike, byte for byte, whatever three people and an integration ask for.

Both servers live at the same moments and draw the same random bytes, so nothing has to be left out of the comparison.
"""

import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import shake_256
from itertools import combinations_with_replacement, count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowdock.protocol.stream import SseDecoder
from flowdock.server.actions import setting_up
from flowdock.server.settings import Settings
from flowdock.server.store import conversations, people
from flowdock.server.store.postgres import opening
from flowdock.server.store.store import Chance
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.journeys import test_any_calls as any_calls
from tests.journeys.talking import basic
from tests.journeys.test_any_calls import AUTHOR, HUGE, STATE, call, nothing, numbers, reacts, uuids
from tests.services.postgres import Databases

OTHER_FLOWS = ("zebra", "Zoo", "ärger", "_x", "a-b", "AB")
"""Names whose order depends on who compares them."""
NEVER = 86_400
BEGAN = 1_600_000_000_000
NAMES = ("alice", "bob", "carol")
SOMEBODY = 1
"""The id of somebody who is in another flow of the same organization."""

# Of every script something, and what databases are known to see in their own way.
WORDS = [
    *("hello", "Hello", "HELLO", "x_y", "_", "42", "x", "the"),
    *("Straße", "STRASSE", "ΣΑΣ", "σας", "İstanbul", "istanbul", "ŉ", "ﬃ", "é", "e\u0301", "Ǆ", "ꭰ", "Ꭰ"),
    *("東京", "東京都", "京", "ประเทศ", "မြန်မာ", "한국어", "हिन्दी", "العربية", "עברית", "საქართველო", "𠮷野家"),
    *("٤٢", "²", "Ⅷ", "😂", "a\u200db", "\u00ad", "\u2028", "\ufeff", "\r\n", "\t"),
    *("w" * 2100, "w" * 2100 + "1", "ж" * 1500, "𐐀" * 600, "𐐀" * 8000 + "a", "𐐀" * 8000 + "b"),
    *("\0", "\U0010ffff", "\U0010ffff0", "\ud800", "\udc00\ud800"),
    *(
        "'",
        '"',
        "\\",
        "%",
        "?",
        "%s",
        "&",
        "|",
        "!",
        ":*",
        "<->",
        "*",
        "^",
        "NEAR",
        "AND",
        "NOT",
        "text:hello",
        "a OR b",
    ),
    *("#tag", "@Bob", "@everyone", "http://example.org/é?a=b#c", "<b>bold</b>", "<script>"),
]
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("".join),
    any_calls.texts,
    st.text(max_size=30),
)
tags = any_calls.tags | st.lists(st.sampled_from(WORDS), max_size=3)
says = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["message"] * 9 + ["status", "line", "file", "dance", "activity.user"]),
        "content": texts,
    },
    optional={"tags": tags, "uuid": uuids | texts, "external_user_name": st.sampled_from(["Robot", "two words"])},
)
threads = st.fixed_dictionaries(
    {"title": texts},
    optional={
        "body": texts,
        "status": st.sampled_from([STATE["status"], {"color": "pink"}, {"color": "red", "value": "\0"}]),
        "fields": st.lists(st.fixed_dictionaries({"label": texts, "value": texts}), max_size=2),
        "external_url": texts,
    },
)
presents = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["activity", "activity", "discussion", "message"]),
        "title": texts,
        "author": st.just(AUTHOR) | st.fixed_dictionaries({"name": texts}),
        "external_thread_id": st.sampled_from(["1", "1", "2", "2", "3", ""]) | texts,
        "thread": st.sampled_from([STATE, STATE, None]) | threads,
    },
    optional={"body": texts, "content": texts, "uuid": uuids, "tags": tags},
)
edits = st.fixed_dictionaries({}, optional={"content": texts, "tags": tags})
lists = st.fixed_dictionaries(
    {},
    optional={
        "search": texts,
        "tags": tags,
        "tag_mode": st.sampled_from(["and", "or"]),
        "limit": numbers,
        "skip": numbers,
        "sort": st.sampled_from(["asc", "desc", "up"]),
        "since_id": numbers,
        "until_id": numbers,
        "event": st.sampled_from(["message", "message,file", ["activity", "line"], ",", "x", "comment"]),
        "app": st.sampled_from(["chat", "influx", "x"]),
    },
)
moments = st.sampled_from(
    ["2020-09-13T12:26:40.000Z", "2020-09-13T12:27:10.000Z", "", "0000", "9999-12-31T23:59:59.999Z"]
)
pages = st.fixed_dictionaries({}, optional={"limit": numbers, "since": moments, "until": moments})
found = st.fixed_dictionaries({"id": st.sampled_from(["{flow_id}", "acme:{name}", "acme/{name}", "x", "a:b:c", "\0"])})

CALLS = st.one_of(
    call("POST", "{flow}/messages", says),
    call("POST", "{flow}/messages", says),
    call("POST", "/messages?flow={flow_id}", says),
    call("POST", "{flow}/threads/{t}/messages", says),
    call("POST", "/messages?flow_token={token}", presents),
    call("POST", "/messages?flow_token={token}", presents),
    call("POST", "{flow}/messages/{n}/comments", says),
    call("POST", "/comments?flow={flow_id}&message={n}", says),
    call("PUT", "{flow}/messages/{n}", edits),
    call("PUT", "{flow}/messages/{n}", edits),
    call("DELETE", "{flow}/messages/{n}", nothing),
    call("POST", "{flow}/messages/{n}/emoji_reaction", reacts),
    call("GET", "{flow}/messages", lists),
    call("GET", "{flow}/messages", lists),
    call("GET", "{flow}/messages/{n}", nothing),
    call("GET", "{flow}/threads/{t}/messages", lists),
    call("GET", "{flow}/threads/{t}", nothing),
    call("GET", "{flow}/threads", pages),
    call("POST", "/private/{u}/messages", says),
    call("POST", "/private/{u}/messages", says),
    call("GET", "/private/{u}/messages", lists),
    call("GET", "/private/{u}/messages/{n}", nothing),
    call("PUT", "/private/{u}/messages/{n}", edits),
    call("DELETE", "/private/{u}/messages/{n}", nothing),
    call("GET", "/users/{u}", nothing),
    call("GET", "/users", nothing),
    call("GET", "/user", nothing),
    call("GET", "/flows?users=1", nothing),
    call("GET", "/flows/find", found),
    call("GET", "{flow}", nothing),
    call("GET", "{flow}/users", nothing),
)


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


@pytest.fixture(scope="module")
def twins(postgres: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Twin, Twin]]:
    folder, other_folder = tmp_path_factory.mktemp("sqlite"), tmp_path_factory.mktemp("postgres")
    dice, other_dice = Dice(), Dice()
    database = postgres.create_unnamed()
    share_the_secret(folder, postgres.url(database))
    with (
        Server(folder, chance=chance(dice), keep_alive_seconds=NEVER) as sqlite,
        Server(
            other_folder, chance=chance(other_dice), keep_alive_seconds=NEVER, database=postgres.url(database)
        ) as postgresql,
        closing(Twin(sqlite, dice)) as one,
        closing(Twin(postgresql, other_dice)) as other,
    ):
        yield one, other
    postgres.drop(database)


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


class Both:
    """The two servers, of which both have to say the same."""

    def __init__(self, twins: tuple[Twin, Twin], throws: Iterator[int]) -> None:
        self._twins = twins
        self._throws = throws
        throw = next(throws)
        for twin in twins:
            twin.dice.throw(throw)
        self.team, other = (twin.server.do(a_team) for twin in twins)
        assert self.team == other

    def ask(self, by: int, method: str, path: str, content: object = None) -> Answer:
        """What both answer."""
        throw = next(self._throws)
        one, other = (twin.ask(throw, self.team.tokens[by], method, path, content) for twin in self._twins)
        assert one == other, (method, path, content, difference(one.body, other.body))
        return one

    def replayed(self, path: str, *, cursor: str, last: Sequence[bytes]) -> bytes:
        """What the streams of both say."""
        one, other = (twin.replayed(self.team.tokens[0], path, cursor=cursor, last=last) for twin in self._twins)
        assert one == other, difference(one, other)
        return one


def difference(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Where two contents begin to differ."""
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), len(one))
    return one[max(0, at - 100) : at + 100], other[max(0, at - 100) : at + 100]


class Said(NamedTuple):
    """A message: its id, which of the team it came from, and to whom in private."""

    id: int
    by: int
    to: int


class Talk:
    """What was said so far, as later calls are about it."""

    def __init__(self, team: Team) -> None:
        self._team = team
        self._said = {"flow": [Said(1, 0, 0)], "to": [Said(1, 0, team.user_ids[1])]}
        self._threads = ["nothing-such"]

    def about(self, path: str, number: int, by: str) -> tuple[str, int]:
        """The address that a call is meant to have, and who makes it: half of all changes their author."""
        team, said = self._team, self._said["to" if path.startswith("/private") else "flow"]
        message = said[-1 - number % len(said)]
        fits = "{n}" in path and number % 2
        address = path.format(
            flow=f"/flows/acme/{team.name}",
            flow_id=team.flow_id,
            token=team.flow_token,
            n=number if number in HUGE else message.id,
            t=quote(self._threads[-1 - number % len(self._threads)], safe=""),
            u=number if number in HUGE else message.to if fits else [*team.user_ids, SOMEBODY][number // 2 % 4],
        )
        return address, message.by if fits else NAMES.index(by)

    def meant(self, body: Any) -> Any:
        """The content of a request, with the names that this team's flow has."""
        if isinstance(body, dict) and isinstance(body.get("id"), str):
            return body | {"id": body["id"].replace("{flow_id}", self._team.flow_id).replace("{name}", self._team.name)}
        return body

    def hear(self, answer: Answer, by: int) -> None:
        """Remember what was said now."""
        told = json.loads(answer.body) if answer.body else None
        if answer.status == 201 and told:
            self._said["to" if "to" in told else "flow"].append(Said(told["id"], by, int(told.get("to", 0))))
            self._threads.append(told.get("thread_id", self._threads[-1]))


@pytest.fixture(scope="module")
def throws() -> Iterator[int]:
    return count(1)


ITEM = {"external_thread_id": "1", "thread": STATE}
MANY_WORDS = " ".join(f"w{number}" for number in range(5000))
TO_BEGIN_WITH = [
    call
    for by in NAMES
    for call in (
        ("POST", "{flow}/messages", by, 0, {"event": "message", "content": f"hello {by} #tag"}),
        ("POST", "/private/{u}/messages", by, 0, {"event": "message", "content": f"hello {by}"}),
        ("POST", "/messages?flow_token={token}", by, 0, {"event": "activity", "title": by, "author": AUTHOR} | ITEM),
    )
]
SAY_ALL = [("POST", "{flow}/messages", "bob", 0, {"event": "message", "content": word}) for word in WORDS]
ASK_FOR_ALL = [
    ("GET", "{flow}/messages", "bob", 0, {"search": text, "limit": 100})
    for text in (*WORDS, MANY_WORDS, f"{MANY_WORDS} y")
]
TAG_ALL = [
    ("PUT", "{flow}/messages/{n}", "bob", at, {"content": "edited", "tags": [word]}) for at, word in enumerate(WORDS)
]
ASK_FOR_TAGS = [("GET", "{flow}/messages", "bob", 0, {"tags": [word], "limit": 100}) for word in WORDS]


@pytest.mark.slow
@settings(max_examples=100)
@given(calls=st.lists(CALLS, min_size=10, max_size=50))
@example(calls=[*SAY_ALL, *ASK_FOR_ALL, *TAG_ALL, *ASK_FOR_TAGS])
def test_both_databases_answer_alike(
    calls: list[tuple[Any, ...]], twins: tuple[Twin, Twin], throws: Iterator[int]
) -> None:
    both = Both(twins, throws)
    team, talk = both.team, Talk(both.team)
    for method, path, by, number, body in [*TO_BEGIN_WITH, *calls]:
        address, caller = talk.about(path, number, by)
        answer = both.ask(caller, method, address, talk.meant(body))
        assert answer.status < 500, (method, address, body, answer.body)
        talk.hear(answer, caller)
    both.ask(0, "POST", f"/private/{team.user_ids[1]}/messages", {"event": "message", "content": "the very last"})
    both.ask(0, "POST", f"/flows/acme/{team.name}/messages", {"event": "message", "content": "the last"})

    one_flow = both.replayed(f"/stream/flows/acme/{team.name}", cursor="0", last=[b'"the last"'])
    assert one_flow.startswith(b"id: 1\n")
    everything, cursor = f"/stream/flows?filter={team.flow_id}&user=1", ",".join(f"{log_id}:0" for log_id in team.logs)
    assert both.replayed(everything, cursor=cursor, last=[b'"the last"', b'"the very last"']).count(b"data: ") > 5
    for path in (f"/flows/acme/{team.name}", *(f"/private/{user_id}" for user_id in team.user_ids)):
        both.ask(0, "GET", f"{path}/messages?limit=100&sort=asc")
        both.ask(0, "GET", f"{path}/messages?limit=100")
