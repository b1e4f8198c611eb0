import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.domain import tagging
from flowdock.server.domain.refusals import Refusal
from flowdock.server.domain.tagging import Roster

ALICE, BOB, CAROL = 1, 2, 3
ROSTER = Roster(by_nick={"alice": ALICE, "bob": BOB, "carol": CAROL}, team=(BOB, CAROL))


@pytest.mark.parametrize(
    "text, explicit, tags",
    [
        ("hello", [], []),
        ("#one #two #one", [], ["one", "two"]),
        ("#One #one", [], ["One", "one"]),
        ("see http://example.org #a", ["ref"], ["ref", "a", ":url"]),
        ("@bob, @carol hi", [], [":user:2", ":unread:2", ":user:3", ":unread:3"]),
        ("@alice hi", [], [":user:1"]),
        ("@BOB", [], [":user:2", ":unread:2"]),
        ("@nobody", [], []),
        ("@team, see http://example.org", ["ref"], ["ref", ":user:team", ":unread:2", ":unread:3", ":url"]),
        ("@everybody", [], [":user:everyone", ":unread:2", ":unread:3"]),
        ("@bob #x", ["@bob", "x"], [":user:2", ":unread:2", "x"]),
        ("#c", ["b", "@carol", "a"], ["b", ":user:3", ":unread:3", "a", "c"]),
        ("bob knows", [], [":highlight:2", ":unread:2"]),
        ("alice speaks of herself", [], []),
        ("@bob and bob", [], [":user:2", ":unread:2"]),
        ("bobby and carols", [], []),
        ("    #quoted @bob", [], []),
    ],
)
def test_the_tags_of_a_message_by_alice(text: str, explicit: list[str], tags: list[str]) -> None:
    assert tagging.for_message(text, explicit, author=ALICE, roster=ROSTER) == tags


def test_a_private_message_begins_with_the_mark_that_it_is_unread() -> None:
    tags = tagging.for_message("#a http://example.org", ["b"], author=ALICE, roster=Roster(), recipient=BOB)
    assert tags == [":unread:2", "b", "a", ":url"]
    assert tagging.for_message("x", [], author=ALICE, roster=Roster(), recipient=ALICE) == []


some_nicks = st.lists(st.text("ab.-_!'é", min_size=1, max_size=4), unique=True, max_size=6)


@given(some_nicks, st.text("ab.-_!'é @", max_size=20))
def test_names_are_found_alike_in_small_and_in_large_flows(nicks: list[str], text: str) -> None:
    known = {nick: 10 + at for at, nick in enumerate(nicks)}
    crowd = {f"nick{number}": 100 + number for number in range(100)}
    in_small = tagging.derived(text, author=ALICE, roster=Roster(by_nick=known))
    in_large = tagging.derived(text, author=ALICE, roster=Roster(by_nick={**known, **crowd}))
    assert set(in_large) == set(in_small)


# ------------------------------------------------------------------------------------------------------------ edits


@pytest.mark.parametrize(
    "tags, was, becomes, after",
    [
        ([], [], [], []),
        (["a"], ["a"], [], []),
        ([], [], ["a"], ["a"]),
        (["kept", "a"], ["a"], ["b"], ["kept", "b"]),
        (["a", "b"], ["a", "b"], ["b", "a"], ["a", "b"]),
        ([":user:2"], [":user:2", ":unread:2"], [":user:2", ":unread:2"], [":user:2"]),
        (["b"], [], ["b"], ["b"]),
    ],
)
def test_an_edit_changes_what_the_text_gave(
    tags: list[str], was: list[str], becomes: list[str], after: list[str]
) -> None:
    assert tagging.after_edit(tags, was=was, becomes=becomes) == after


names = st.lists(st.sampled_from("abcdef"), unique=True)


@given(names, names, names)
def test_after_an_edit_there_is_what_stays_and_what_came(tags: list[str], was: list[str], becomes: list[str]) -> None:
    after = tagging.after_edit(tags, was=was, becomes=becomes)
    assert len(after) == len(set(after))
    assert set(after) >= set(tags) - set(was)
    assert set(after) >= set(becomes) - set(was)
    assert not set(after) & (set(was) - set(becomes) - set(tags))


@given(names, names)
def test_a_change_leads_from_before_to_after(before: list[str], after: list[str]) -> None:
    added, removed = tagging.change_of(before, after)
    assert (set(before) - set(removed)) | set(added) == set(after)
    assert not set(added) & set(before)
    assert not set(removed) & set(after)


# ----------------------------------------------------------------------------------------------------------- limits


@pytest.mark.parametrize("given_tags", ["#a, b,,＃c", ["#a", " b ", "", "c", "a"]])
def test_tags_are_taken_as_text_and_as_list(given_tags: str | list[str]) -> None:
    assert tagging.checked_tags(given_tags) == ["a", "b", "c"]


@pytest.mark.parametrize("given_tags", [["x" * 256], [str(number) for number in range(201)]])
def test_too_many_or_too_long_tags_are_refused(given_tags: list[str]) -> None:
    with pytest.raises(Refusal) as caught:
        tagging.checked_tags(given_tags)
    assert list(caught.value.errors) == ["tags"]


@given(st.text(), st.lists(st.text()))
def test_tags_of_any_text_are_texts_that_come_once(text: str, explicit: list[str]) -> None:
    tags = tagging.for_message(text, explicit, author=ALICE, roster=ROSTER)
    assert len(tags) == len(set(tags))
