"""Any text is stored as it is, also where PostgreSQL's own texts cannot hold it."""

import string
from functools import partial
from itertools import islice, product

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flowdock.server.store import search
from flowdock.server.store.keys import key_of
from flowdock.server.store.search import Entry
from flowdock.server.store.transaction import Transaction
from tests.server.store.postgres.stores import Stores

LAST = "\U0010ffff"
ODD = st.sampled_from(["\0", LAST, "0", "1", "a", "é", "\ud7ff", "\ue000", "\\", "'", "\n"])
TEXTS = st.lists(ODD, max_size=8).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
@example(text=f"{LAST}0{LAST}1\0{LAST}\0")
def test_a_text_comes_back_as_it_went_in_and_is_found_by_itself(stores: Stores, text: str) -> None:
    def store(tx: Transaction) -> list[tuple[object, ...]]:
        tx.execute("DELETE FROM site")
        tx.execute("INSERT INTO site (name, value) VALUES (?, ?)", (text, text.encode()))
        return tx.rows("SELECT name, value FROM site WHERE name = ?", (text,))

    expected = [(text, text.encode())]
    assert stores.write(store) == expected
    assert stores.read(lambda tx: tx.rows("SELECT name, value FROM site WHERE name = ?", (text,))) == expected


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=2, max_size=2, unique=True))
def test_different_texts_stay_different(stores: Stores, texts: list[str]) -> None:
    def store(tx: Transaction) -> list[tuple[object, ...]]:
        tx.execute("DELETE FROM site")
        tx.execute_each("INSERT INTO site (name, value) VALUES (?, ?)", [(text, b"") for text in texts])
        return tx.rows("SELECT name FROM site")

    assert sorted(str(name) for [name] in stores.write(store)) == sorted(texts)


@pytest.mark.parametrize("log_id", [1, 2**31 - 1])
def test_a_message_with_as_many_words_as_possible_can_be_indexed(stores: Stores, log_id: int) -> None:
    """The shortest words make the most of them."""
    letters = string.ascii_lowercase + string.digits + "_"
    words = ["".join(word) for length in (1, 2, 3, 4) for word in islice(product(letters, repeat=length), 60_000)]
    key = key_of(log_id, 1)

    stores.write(lambda tx: search.add(tx, [Entry(key, words, [])]))

    for word in [*sorted(search.distinct(words))[::5000], "zzz"]:
        assert stores.read(partial(find, log_id=log_id, word=word)) == [key], word


def find(tx: Transaction, *, log_id: int, word: str) -> list[int]:
    return search.having(tx, log_id, words=[word], tags=(), limit=1, thread_key=None)
