"""What is looked for, by what was typed."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.domain import queries
from flowdock.server.domain.queries import Query
from flowdock.server.domain.refusals import Refusal

OCTOBER = 1_412_121_600_000
MESSAGE: dict[str, Any] = {
    "event": "message",
    "user": "2",
    "content": "The quick, brown fox: 東京都 is far",
    "tags": ["Zoo", ":url"],
}


@pytest.mark.parametrize(
    "text, query",
    [
        ("Lambda lambda Build", Query(words=("lambda", "build"))),
        ("lam*", Query(beginnings=("lam",))),
        ("foo-Lam*", Query(words=("foo",), beginnings=("lam",))),
        ("Éco*", Query(beginnings=("éco",))),
        ("東京*", Query(words=("東京",))),
        ("la*m", Query(words=("la", "m"))),
        ('"quick brown" fox', Query(words=("quick", "brown", "fox"), phrases=(("quick", "brown"),))),
        ('"fox"', Query(words=("fox",))),
        ('"from:bob*"', Query(words=("from", "bob"), phrases=(("from", "bob"),))),
        ('"never closed', Query(words=("never", "closed"), phrases=(("never", "closed"),))),
        ("from:bob", Query(author="bob")),
        ("From:@Bob x", Query(words=("x",), author="Bob")),
        ('from:"bob"', Query(author="bob")),
        ("in:acme/main in:dev in:@bob", Query(places=("acme/main", "dev", "@bob"))),
        ("tag:zoo tag:#Zoo tag:@bob", Query(tags=("zoo", "Zoo", "@bob"))),
        ("tag::user:9", Query(tags=(":user:9",))),
        ("has:file has:LINK", Query(tags=(":file", ":url"))),
        ("after:2014-10-01 before:2014-10-01T00:00:01Z", Query(since=OCTOBER, until=OCTOBER + 1000)),
        ("std::vector", Query(words=("std", "vector"))),
        ("http://flowdock.example/a", Query(words=("http", "flowdock", "example", "a"))),
        ("at 10:30", Query(words=("at", "10", "30"))),
        ("note: this", Query(words=("note", "this"))),
        ("!!!", Query(is_hopeless=True)),
        ('"" ?', Query(is_hopeless=True)),
        ("!!! here", Query(words=("here",))),
    ],
)
def test_a_text_means_a_query(text: str, query: Query) -> None:
    assert queries.parse(text) == query


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", "can't be blank"),
        (" \n", "can't be blank"),
        ("x" * 1001, "has 1001 characters; it may have 1000"),
        (
            "form:bob",
            "has an operator 'form'; there are from:nick, in:flow, in:org/flow, in:@nick, tag:word, before:date,",
        ),
        ("from: bob", "has nothing after from:, not even a blank may be between; there are from:nick,"),
        ('from:""', "has nothing after from:"),
        ("from:@", "has nothing after from:"),
        ("tag:#", "has nothing after tag:"),
        ("from:a from:b", "has from: more than once"),
        ("after:2014-10-01 after:2014-10-02", "has after: more than once"),
        (
            "before:yesterday",
            "has before:yesterday; it may be a date such as before:2014-10-27, or a moment in ISO 8601",
        ),
        ("after:2014-13-01", "has after:2014-13-01; it may be"),
        ("has:cake", "has has:cake; it may be has:file or has:link"),
        ("l*", "has a beginning of 1 letters, l*; it may have 2 to 64"),
        (f"{'l' * 65}*", "has a beginning of 65 letters"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_is_allowed(text: str, problem: str) -> None:
    with pytest.raises(Refusal) as refused:
        queries.parse(text)

    assert refused.value.status == 400
    [found] = refused.value.errors["q"]
    assert found.startswith(problem)


@given(st.text(max_size=40) | st.from_regex(r'(from|in|tag|before|has|x|:|"|\*| |é|東){0,12}', fullmatch=True))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    with suppress(Refusal):
        assert isinstance(queries.parse(text), Query)


@pytest.mark.parametrize(
    "text, author, tags, admitted",
    [
        ("x", None, [], True),
        ("x", 2, ["zoo", ":url"], True),
        ("x", 3, [], False),
        ("x", None, ["zoos"], False),
        ('"quick brown"', None, [], True),
        ('"Quick Brown Fox"', None, [], True),
        ('"brown quick"', None, [], False),
        ('"uick brown"', None, [], False),
        ('"quick brow"', None, [], False),
        ('"東京都 is"', None, [], True),
        ('"京都 is far"', None, [], True),
        ('"fox 東"', None, [], True),
        ('"quick brown" "is far"', None, [], True),
        ('"quick brown" "is near"', None, [], False),
        ("qui* bro*", None, [], True),
        ("qui* own*", None, [], False),
    ],
)
def test_who_said_it_its_tags_and_the_order_of_quoted_words_count(
    text: str, author: int | None, tags: list[str], admitted: bool
) -> None:
    assert queries.admits(queries.parse(text), MESSAGE, author=author, tags=tags) is admitted


def test_what_nobody_said_is_not_found() -> None:
    joined = {**MESSAGE, "event": "action", "content": {"type": "join"}}
    assert not queries.admits(Query(), joined, author=None, tags=[])
