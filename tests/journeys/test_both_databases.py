"""SQLite and PostgreSQL answer alike, byte for byte, whatever three people and an integration ask for.

Both servers live at the same moments and draw the same random bytes, so nothing has to be left out of the comparison.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowdock.testing import Server
from tests.journeys import test_any_calls as any_calls
from tests.journeys.test_any_calls import AUTHOR, HUGE, STATE, call, nothing, numbers, reacts, uuids
from tests.journeys.twins import NAMES, SOMEBODY, Answer, Dice, Team, Twin, a_team, chance, difference, share_the_secret
from tests.services.postgres import Databases

NEVER = 86_400

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

settled = st.fixed_dictionaries(
    {},
    optional={
        "name": texts,
        "description": texts,
        "access_mode": st.sampled_from(["invitation", "link", "organization", "x"]),
        "open": st.booleans(),
        "team_notifications": st.booleans(),
    },
)
profiles = st.fixed_dictionaries({}, optional={"nick": texts, "name": texts, "website": texts, "email": texts})
# Nobody is put out: who asks at the end has to be in the flow still.
admins = st.fixed_dictionaries({}, optional={"flow_admin": st.booleans(), "disabled": st.just(value=False)})

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
    call("PUT", "{flow}", settled),
    call("PUT", "{flow}/users/{u}", admins),
    call("POST", "{flow}/users", st.fixed_dictionaries({"id": st.sampled_from([1, 2, 3, SOMEBODY, 10**9])})),
    call("PUT", "/users/{u}", profiles),
    call("GET", "/flows/all", nothing),
    call("GET", "/organizations/acme", nothing),
)


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
@settings(max_examples=40)
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
