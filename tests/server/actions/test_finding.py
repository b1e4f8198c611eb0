"""Looking for something in everything that one may see, and never in anything else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowdock.protocol.resources import Scope
from flowdock.server.actions import editing, finding, indexing, sending, setting_up
from flowdock.server.domain.actors import Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.domain.words import words_of
from flowdock.server.records import StoredFile
from tests.server.stage import PLACE, Stage

Message = dict[str, Any]


@pytest.fixture(autouse=True)
def no_two_things_happen_at_once(stage: Stage) -> None:
    """Let every transaction be a millisecond after the one before."""
    stage.clock = count(stage.clock() + 1).__next__


def search(stage: Stage, q: str, *, by: Person | None = None, **more: Any) -> dict[str, Any]:
    """A page, once all is indexed."""
    for (log_id,) in stage.read(lambda tx: tx.rows("SELECT id FROM logs WHERE indexed_number < last_number")):
        stage.write(partial(indexing.catch_up, log_id=log_id))
    found: dict[str, Any] = stage.read(lambda tx: finding.search(tx, by or stage.alice, q=q, **more))
    return found


def said(page: dict[str, Any]) -> list[Any]:
    """What was found, by its text."""
    return [hit["message"]["content"] for hit in page["results"]]


def whisper(stage: Stage, content: str, *, by: Person, to: Person) -> Message:
    done = stage.act(by, sending.send_privately, user_id=to.user_id, event="message", content=content)
    message: Message = done.result
    return message


def another_flow(stage: Stage, name: str, *people: Person) -> None:
    """A flow with alice and these people in it."""
    alice = stage.alice.user_id
    stage.write(partial(setting_up.create_flow, org="acme", name=name, creator=alice))
    for one in people:
        stage.write(partial(setting_up.add_to_flow, org="acme", flow=name, user_id=one.user_id, by=alice))


def send_to(stage: Stage, flow: str, content: str, *, by: Person) -> Message:
    done = stage.act(by, sending.send_to_flow, org="acme", flow=flow, event="message", content=content)
    message: Message = done.result
    return message


def limited(actor: Person, *scopes: Scope) -> Person:
    return replace(actor, scopes=frozenset(scopes))


# ---------------------------------------------------------------------------------------------------------------- where


def test_flows_and_conversations_are_searched_together_the_newest_first(stage: Stage) -> None:
    another_flow(stage, "dev", stage.bob)
    stage.send("needle one")
    whisper(stage, "needle two", by=stage.bob, to=stage.alice)
    send_to(stage, "dev", "needle three", by=stage.bob)
    stage.send("needle four")

    assert said(search(stage, "needle")) == ["needle four", "needle three", "needle two", "needle one"]


def test_a_result_says_where_it_is_and_what_was_said_around_it(stage: Stage) -> None:
    first = stage.send("before")
    thread = first["thread_id"]
    stage.send("elsewhere")
    needle = stage.send("needle", thread_id=thread)
    after = [stage.send(text, thread_id=thread) for text in ("one", "two", "three")]

    [hit] = search(stage, "needle")["results"]

    assert hit == {"message": needle, "place": hit["place"], "before": [first], "after": after[:2]}
    assert hit["place"] == {
        "type": "flow",
        "id": stage.flow_id,
        "name": "Main",
        "parameterized_name": "main",
        "organization": {"name": "Acme", "parameterized_name": "acme"},
        "url": "http://flowdock.example/flows/acme/main",
        "web_url": "http://flowdock.example/app/acme/main",
    }


def test_a_private_result_names_the_other_person(stage: Stage) -> None:
    before = whisper(stage, "hi", by=stage.alice, to=stage.bob)
    whisper(stage, "needle", by=stage.bob, to=stage.alice)

    for caller, other in ((stage.alice, stage.bob), (stage.bob, stage.alice)):
        [hit] = search(stage, "needle", by=caller)["results"]
        assert (hit["place"]["type"], hit["place"]["id"], hit["before"]) == ("private", other.user_id, [before])


def test_nobody_finds_what_they_may_not_see(stage: Stage) -> None:
    another_flow(stage, "dev", stage.bob)
    send_to(stage, "dev", "needle", by=stage.bob)
    whisper(stage, "needle", by=stage.alice, to=stage.bob)

    for q in ("needle", "need*", "from:bob", "in:dev", "in:acme/dev", "in:@bob needle", "from:alice needle"):
        assert said(search(stage, q, by=stage.carol)) == []


def test_a_flow_that_one_left_is_not_searched(stage: Stage) -> None:
    stage.send("needle")
    assert said(search(stage, "needle", by=stage.bob)) == ["needle"]

    stage.write(lambda tx: tx.execute("UPDATE flow_users SET in_flow = 0 WHERE user_id = ?", (stage.bob.user_id,)))

    assert said(search(stage, "needle", by=stage.bob)) == []


def test_a_limited_token_finds_what_it_is_for(stage: Stage) -> None:
    stage.send("needle in the flow")
    whisper(stage, "needle in private", by=stage.bob, to=stage.alice)

    assert said(search(stage, "needle", by=limited(stage.alice, "flow"))) == ["needle in the flow"]
    assert said(search(stage, "needle", by=limited(stage.alice, "private"))) == ["needle in private"]
    assert said(search(stage, "needle", by=limited(stage.alice, "profile"))) == []


# -------------------------------------------------------------------------------------------------------------- what


@pytest.mark.parametrize(
    "q, found",
    [
        ("needle", ["dev #hay @bob needle", "needle https://flowdock.example", "needle"]),
        ("needle hay", ["dev #hay @bob needle"]),
        ("need* dev", ["dev #hay @bob needle"]),
        ("need*", ["dev #hay @bob needle", "needle https://flowdock.example", "needle"]),
        ("from:bob", ["psst", "dev #hay @bob needle"]),
        ("from:BOB needle", ["dev #hay @bob needle"]),
        ("from:bob need*", ["dev #hay @bob needle"]),
        ("from:nobody needle", []),
        ("in:dev", ["dev #hay @bob needle", "Welcome to your brand new flow!"]),
        ("in:acme/dev needle", ["dev #hay @bob needle"]),
        ("in:@bob", ["psst"]),
        ("in:nowhere needle", []),
        ("in:@bob in:dev from:bob", ["psst", "dev #hay @bob needle"]),
        ("tag:HAY", ["dev #hay @bob needle"]),
        ("tag:@bob", ["dev #hay @bob needle"]),
        ("tag:@nobody", []),
        ("tag:hay tag:@bob need*", ["dev #hay @bob needle"]),
        ("tag:hay tag:straw", []),
        ("has:link", ["needle https://flowdock.example"]),
        ('"hay bob"', ["dev #hay @bob needle"]),
        ('"bob hay"', []),
        ("plan", ["plan b.txt"]),
        ("has:file", ["plan b.txt"]),
        ("has:file from:alice in:main pla*", ["plan b.txt"]),
        ("zażół*", ["zażółć"]),
        ("za*", ["zażółć"]),
        ("!!!", []),
    ],
)
def test_what_is_asked_for_is_found(stage: Stage, q: str, found: list[str]) -> None:
    another_flow(stage, "dev", stage.bob)
    stage.send("needle")
    stage.send("needle https://flowdock.example")
    file = StoredFile({"path": "/files/3/key/plan b.txt", "file_name": "plan b.txt", "file_size": 4})
    stage.act(stage.alice, sending.send_to_flow, **PLACE, event="file", content=file)
    send_to(stage, "dev", "dev #hay @bob needle", by=stage.bob)
    whisper(stage, "psst", by=stage.bob, to=stage.alice)
    stage.send("zażółć")

    texts = [one["file_name"] if isinstance(one, dict) else one for one in said(search(stage, q))]
    assert [text for text in texts if "invitation-only" not in text] == found


def test_what_somebody_said_under_another_name_is_not_found_by_their_own(stage: Stage) -> None:
    stage.send("needle", by=stage.bob, external_user_name="Robot")

    assert said(search(stage, "needle")) == ["needle"]
    assert said(search(stage, "from:bob needle")) == []
    assert said(search(stage, "from:bob")) == []


def test_an_item_of_an_integration_is_found_by_its_words(stage: Stage) -> None:
    item = {"title": "built", "body": "<p>needle</p>", "author": {"name": "CI"}}
    stage.act(stage.source, sending.send, event="discussion", external_thread_id="1", thread={"title": "Build"}, **item)

    [hit] = search(stage, "needle")["results"]
    assert (hit["message"]["event"], hit["message"]["title"]) == ("discussion", "built")


def test_an_edit_and_a_retraction_count_at_once(stage: Stage) -> None:
    edited, retracted = stage.send("needle one"), stage.send("needle two")
    assert len(said(search(stage, "needle"))) == 2

    stage.act(stage.alice, editing.edit_message, **PLACE, id=edited["id"], content="straw")
    stage.act(stage.alice, editing.delete_message, **PLACE, id=retracted["id"])

    assert said(search(stage, "needle")) == []
    assert said(search(stage, "stra*")) == ["straw"]


@pytest.mark.parametrize(
    "wrong", [{"limit": 0}, {"limit": 101}, {"cursor": "x"}, {"cursor": "1-"}, {"cursor": "9" * 99}]
)
def test_a_page_that_there_is_not_is_refused(stage: Stage, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        search(stage, "needle", **wrong)
    assert (refused.value.status, list(refused.value.errors)) == (400, list(wrong))


# ------------------------------------------------------------------------------------------------------- page by page


def paged(stage: Stage, q: str, *, limit: int, between: Callable[[], object] = lambda: None) -> Iterator[Any]:
    page = search(stage, q, limit=limit)
    yield from said(page)
    while page["next"] is not None:
        between()
        page = search(stage, q, limit=limit, cursor=page["next"])
        yield from said(page)


@pytest.mark.parametrize("q", ["needle", "need*", "tag:hay", "from:bob", '"a needle"'])
def test_pages_go_on_where_the_last_ended_whatever_is_said_meanwhile(stage: Stage, q: str) -> None:
    another_flow(stage, "dev", stage.bob)
    for number in range(30):
        if number % 3:
            send_to(stage, ("dev", "main")[number % 2], f"a needle {number} #hay", by=stage.bob)
        else:
            whisper(stage, f"a needle {number} #hay", by=stage.bob, to=stage.alice)
    everything = [f"a needle {number} #hay" for number in reversed(range(30))]

    assert list(paged(stage, q, limit=100)) == everything
    assert list(paged(stage, q, limit=7, between=lambda: stage.send("a needle #hay", by=stage.bob))) == everything


def test_moments_bound_what_is_found(stage: Stage) -> None:
    sent = [stage.send(f"needle {number}") for number in range(5)]
    middle = sent[2]["created_at"]

    newer, older = said(search(stage, f"needle after:{middle}")), said(search(stage, f"needle before:{middle}"))

    assert {*newer, *older} == {one["content"] for one in sent}
    assert not {*newer} & {*older}
    assert sent[2]["content"] in newer
    assert said(search(stage, "need* after:2999-01-01")) == said(search(stage, "need* before:1999-01-01")) == []


def test_what_is_old_is_found_below_much_that_is_newer(stage: Stage) -> None:
    stage.send("needle 0")
    newer = stage.send("needle 1")

    def fill(tx: Any) -> None:
        for _ in range(300):
            sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content="needle")

    stage.write(fill)

    for words in ("needle", "need*", "from:alice in:main"):
        assert said(search(stage, f"{words} before:{newer['created_at']}"))[0] == "needle 0"


def test_a_page_ends_where_too_much_only_seemed_to_match(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "EXAMINED_LIMIT", 5)
    for number in range(12):
        stage.send("needle in hay" if number in {1, 7} else "hay needle in")

    first = search(stage, '"needle in hay"')

    assert (said(first), first["next"] is None) == (["needle in hay"], False)
    assert list(paged(stage, '"needle in hay"', limit=30)) == ["needle in hay"] * 2


HAPPENED = st.lists(
    st.tuples(
        st.sampled_from(["main", "dev", "private"]), st.booleans(), st.sampled_from(["hay", "hay needle", "nee"])
    ),
    min_size=1,
    max_size=50,
)


class Asked(NamedTuple):
    """A question, and by how many messages it is bounded."""

    words: str
    author: str | None
    places: frozenset[str]
    since: int
    until: int

    def is_met_by(self, place: str, by_alice: bool, text: str) -> bool:
        """Whether what was said is what is asked for; the moment aside."""
        plain = self.words.strip('"')
        return (
            (self.author is None or (self.author == "alice") == by_alice)
            and (not self.places or {"private": "@bob"}.get(place, place) in self.places)
            and (plain in {"", text, *text.split()} or (plain == "nee*" and "nee" in text))
        )


QUESTIONS = st.builds(
    Asked,
    words=st.sampled_from(["hay", "nee*", "needle", "", '"hay needle"']),
    author=st.sampled_from([None, "alice", "bob"]),
    places=st.frozensets(st.sampled_from(["main", "dev", "@bob"])),
    since=st.integers(0, 50),
    until=st.integers(0, 50),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(happened=HAPPENED, asked=QUESTIONS, limit=st.integers(1, 60))
def test_any_question_is_answered_as_if_everything_were_looked_at(
    stage: Stage, happened: list[tuple[str, bool, str]], asked: Asked, limit: int
) -> None:
    if not stage.read(lambda tx: tx.one("SELECT 1 FROM flows WHERE parameterized_name = 'dev'")):
        another_flow(stage, "dev", stage.bob)
    messages = [_say(stage, *one) for one in happened]
    since, until = (messages[min(one, len(messages) - 1)]["created_at"] for one in (asked.since, asked.until))
    author = f"from:{asked.author}" if asked.author else ""
    q = " ".join([asked.words, author, *(f"in:{one}" for one in asked.places), f"after:{since} before:{until}"])

    found = list(paged(stage, q, limit=limit))

    assert found == [
        message["content"]
        for message, one in reversed(list(zip(messages, happened, strict=True)))
        if since <= message["created_at"] < until and asked.is_met_by(*one)
    ]


def _say(stage: Stage, place: str, by_alice: bool, text: str) -> Message:
    speaker, other = (stage.alice, stage.bob) if by_alice else (stage.bob, stage.alice)
    if place == "private":
        return whisper(stage, text, by=speaker, to=other)
    return send_to(stage, place, text, by=speaker)


WORDS = st.sampled_from(["lam", "lamp", "lambda", "la", "LAMP", "lamé", "_6c", "x1", "東京", "東", "abc東京", "ab"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    texts=st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=4),
    asked=st.sampled_from(["la", "lam", "lamp", "lamb", "lamé", "x1", "ab", "abc", "_6", "zz"]),
    exact=st.none() | WORDS,
)
def test_a_beginning_finds_what_has_a_word_that_begins_so_and_nothing_else(
    stage: Stage, texts: list[str], asked: str, exact: str | None
) -> None:
    since = stage.send("begin")["id"]
    for text in texts:
        stage.send(text)

    page = search(stage, f"{asked}* {exact or ''}", limit=100)

    found = [hit["message"]["content"] for hit in page["results"] if hit["message"]["id"] > since]
    needed = set(words_of(exact or ""))
    assert found == [
        text
        for text in reversed(texts)
        if any(word.startswith(asked) for word in words_of(text)) and needed <= set(words_of(text))
    ]
