"""Whatever three people and an integration ask for, in whatever order: nothing breaks, and everything adds up."""

import http.client
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.journeys.talking import Reader, basic, wait_until

STATE = {"title": "Item", "status": {"color": "green", "value": "open"}}
AUTHOR = {"name": "Robo"}

GOOD_TEXTS = ["hello", "hello again", "#tag @bob see http://example.org", "@everyone ☃ 東京", "bob, #tag2", "x" * 8096]
texts = st.sampled_from([*GOOD_TEXTS, *GOOD_TEXTS, " \n", "", "x" * 8097]) | st.text(min_size=1, max_size=40)
GOOD_TAGS = [[], ["a", "#b", "@carol"], "a,b", ":user:1", ["tag"], None]
tags = st.sampled_from([*GOOD_TAGS, *GOOD_TAGS, ["x" * 300], [1], {"a": "b"}])
HUGE = [-1, 2**32, 2**63, 2**64, -(2**64), 10**30]
numbers = st.integers(0, 25) | st.sampled_from(HUGE)
which = st.integers(0, 39).map(lambda number: HUGE[number - 34] if number > 33 else number)
odd: st.SearchStrategy[Any] = st.sampled_from([None, True, 0, -1.5, "", "x", [], {}, [[]], {"a": [None]}, 10**30])
uuids = st.sampled_from(["u1", "u2", "u3", "u4", "u5", "", "u" * 65])
who = st.sampled_from(["alice", "bob", "carol"])

says = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["message"] * 9 + ["status", "line", "status", "line", "file", "dance"]),
        "content": texts,
    },
    optional={"tags": tags, "uuid": uuids, "external_user_name": st.sampled_from(["Robot", "Robo2", "two words"])},
)
presents = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["activity", "activity", "discussion", "message"]),
        "title": texts,
        "author": st.just(AUTHOR),
        "external_thread_id": st.sampled_from(["1", "1", "2", "2", "3", ""]),
        "thread": st.sampled_from([STATE, STATE, STATE, None, {}, {"title": "x", "status": {"color": "pink"}}]),
    },
    optional={
        "body": texts,
        "content": texts,
        "uuid": uuids,
        "tags": tags,
    },
)
edits = st.fixed_dictionaries({}, optional={"content": texts, "tags": tags})
reacts = st.fixed_dictionaries(
    {"emoji": st.sampled_from(["tada", "tada", ":heart:", "a b"]), "type": st.sampled_from(["add", "add", "remove"])}
)
lists = st.fixed_dictionaries(
    {},
    optional={
        "limit": numbers,
        "sort": st.sampled_from(["asc", "desc", "up"]),
        "since_id": numbers,
        "until_id": numbers,
        "event": st.sampled_from(["message", "message,file", ["activity", "line"], ",", "x"]),
        "tags": tags,
        "tag_mode": st.sampled_from(["and", "or"]),
        "search": texts,
        "skip": numbers,
        "app": st.sampled_from(["chat", "influx", "x"]),
    },
)
nothing: st.SearchStrategy[dict[str, Any]] = st.just({})
spoiled = st.dictionaries(
    st.sampled_from(["event", "content", "tags", "thread", "title", "author", "limit", "search", "uuid", "type"]), odd
)


def call(method: str, path: str, body: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """A request of this kind by anybody, mostly with what belongs in it.

    What `{n}`, `{t}` and `{u}` stand for is known when it is sent: a message, a thread and a person there are by then.
    """
    sound_or_spoiled = st.integers(0, 9).flatmap(lambda chance: spoiled if chance == 9 else body)
    return st.tuples(st.just(method), st.just(path), who, which, sound_or_spoiled)


CALLS = st.one_of(
    call("POST", "{flow}/messages", says),
    call("POST", "{flow}/messages", says),
    call("POST", "{flow}/threads/{t}/messages", says),
    call("POST", "/messages?flow_token={token}", presents),
    call("POST", "{flow}/messages/{n}/comments", says),
    call("PUT", "{flow}/messages/{n}", edits),
    call("PUT", "{flow}/messages/{n}", edits),
    call("DELETE", "{flow}/messages/{n}", nothing),
    call("POST", "{flow}/messages/{n}/emoji_reaction", reacts),
    call("GET", "{flow}/messages", lists),
    call("GET", "{flow}/messages/{n}", nothing),
    call("GET", "{flow}/threads/{t}/messages", lists),
    call("GET", "{flow}/threads", lists),
    call("POST", "/private/{u}/messages", says),
    call("GET", "/private/{u}/messages", lists),
    call("PUT", "/private/{u}/messages/{n}", edits),
    call("GET", "/users/{u}", nothing),
)


class Caller:
    """Asks on one connection, in the name of several people."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=20)
        people = {"alice": server.user, "bob": server.second_user, "carol": server.third_user}
        self._headers = {name: basic(account.token) for name, account in people.items()}

    def ask(self, method: str, path: str, by: str = "alice", content: Any = None) -> tuple[int, Any]:
        """The status of the answer, and its JSON."""
        body = None if content is None else json.dumps(content)
        headers = self._headers[by] | {"Content-Type": "application/json", "X-flowdock-wait-for-message": "true"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def everything(self, flow: str) -> list[dict[str, Any]]:
        """All messages of a flow, crawled."""
        found: list[dict[str, Any]] = []
        while True:
            since = found[-1]["id"] if found else 0
            page = self.ask("GET", f"{flow}/messages?sort=asc&limit=100&since_id={since}")[1]
            if not page:
                return found
            found += page

    def close(self) -> None:
        """Ask no more."""
        self._connection.close()


def a_flow_of_its_own(tx: Transaction, server: Server) -> tuple[str, str]:
    """The address of a new flow with everybody in it, and the flow token of a source of it."""
    name = f"f{tx.entropy(6).hex()}"
    creator = server.user.id
    setting_up.create_flow(tx, org=server.org, name=name, creator=creator)
    for account in (server.second_user, server.third_user):
        setting_up.add_to_flow(tx, org=server.org, flow=name, user_id=account.id, by=creator)
    source = setting_up.create_source(
        tx, org=server.org, flow=name, name="CI", application="CI", external_url=None, creator=creator
    )
    return f"/flows/{server.org}/{name}", source.flow_token


def retold(events: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """What messages look like to somebody who only listened, by id."""
    messages: dict[int, dict[str, Any]] = {}
    for event in events:
        change = event["content"]
        if event["event"] == "message-edit":
            messages[change["message"]]["content"] = change["updated_content"]
            if change["updated_content"] == "":  # the message was retracted, with its tags
                messages[change["message"]]["tags"] = []
        elif event["event"] == "tag-change":
            message = messages[change["message"]]
            # A message that was read in the log, and not heard live, may have what changed already.
            kept = [tag for tag in message["tags"] if tag not in change["remove"]]
            message["tags"] = kept + [tag for tag in change["add"] if tag not in kept]
        elif event["event"] == "emoji-reaction":
            react(messages[change["message"]]["emojiReactions"], event)
        elif event["event"] == "message-delete":
            del messages[change["message"]]
        elif event["event"] != "backend.user.join":
            messages[event["id"]] = {**event}
    return messages


def react(reactions: dict[str, list[str]], event: Mapping[str, Any]) -> None:
    """Give a reaction, or take it back."""
    emoji, user = event["content"]["emoji"], event["user"]
    given = [one for one in reactions.get(emoji, []) if one != user]
    reactions[emoji] = [*given, user] if event["content"]["type"] == "add" else given
    if not reactions[emoji]:
        del reactions[emoji]


def essence(message: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a message can be changed; a comment's text says all there is to its content."""
    content = message["content"]
    if message["event"] == "comment" and isinstance(content, dict):
        content = content["text"]
    tags = sorted(message["tags"])
    return message["id"], message["event"], content, tags, message["emojiReactions"], message["user"]


def make(calls: Iterable[tuple[Any, ...]], caller: Caller, *, flow: str, token: str) -> None:
    """Make calls about a flow, none of which may break anything."""
    threads, ids = ["nothing-such"], [1, 3, 4]
    for method, path, by, number, body in calls:
        thread_id = quote(threads[-1 - number % len(threads)], safe="")
        one = ids[-1 - number % len(ids)] if number not in HUGE else number
        person = number % 4 if number not in HUGE else number
        status, answer = caller.ask(method, path.format(flow=flow, token=token, n=one, t=thread_id, u=person), by, body)
        assert status < 500, (method, path, one, body, answer)
        if isinstance(answer, dict) and "flow" in answer:
            ids.append(answer["id"])
            threads.append(answer.get("thread_id", threads[-1]))


@settings(max_examples=80)
@given(calls=st.lists(CALLS, min_size=20, max_size=60))
def test_nothing_breaks_and_everything_adds_up(calls: list[tuple[Any, ...]], server: Server) -> None:
    flow, token = server.do(lambda tx: a_flow_of_its_own(tx, server))
    caller, reader = Caller(server), Reader(port_of(server), server.user.token, f"/stream{flow}", cursor="0")
    reader.start()
    try:
        # Live from here on: who reads late in the log does not see what was removed meanwhile.
        begun = caller.ask("GET", f"{flow}/messages")[1][-1]["id"]
        wait_until(lambda: any(event["id"] == begun for event in list(reader.events)))
        make(calls, caller, flow=flow, token=token)
        last = caller.ask("POST", f"{flow}/messages", content={"event": "message", "content": "the last"})[1]
        wait_until(lambda: any(event["id"] == last["id"] for event in reader.events[-1:]))
    finally:
        reader.stop()

    listed = caller.everything(flow)
    in_threads = Counter((one["thread_id"], one["event"]) for one in listed if "thread_id" in one)
    shown = caller.ask("GET", f"{flow}/threads?limit=100")[1]
    caller.close()
    assert [event["id"] for event in reader.events] == list(range(1, last["id"] + 1))
    assert [essence(one) for one in retold(reader.events).values()] == [essence(one) for one in listed]
    for thread in shown:
        counted = {kind: in_threads[thread["id"], kind] for kind in ("message", "file", "activity", "discussion")}
        assert thread["internal_comments"] == counted["message"] + counted["file"]
        assert (thread["activities"], thread["external_comments"]) == (counted["activity"], counted["discussion"])


def port_of(server: Server) -> int:
    """Where the server listens."""
    return int(server.url.rpartition(":")[2])
