import pytest

from flowdock.client import reading, subscriptions
from flowdock.client.reading import Reader
from flowdock.protocol.errors import ConnectionFailed, StreamBroken

FLOW, PRIVATE = subscriptions.flow("acme", "main"), subscriptions.private(42)


def test_a_reader_starts_where_the_server_says_but_only_once() -> None:
    reader = Reader()

    reader.opened("41", gap=None)
    assert reader == Reader(was_open=True, cursor="41")
    reader.opened("99", gap=None)
    assert reader.cursor == "41"


def test_a_reader_whose_place_the_server_does_not_know_keeps_it_until_it_has_caught_up() -> None:
    reader = Reader(cursor="41")

    reader.opened("99", gap="unknown")
    assert (reader.is_behind, reader.cursor) == (True, "41")
    reader.opened("100", gap=None)
    assert (reader.is_behind, reader.cursor) == (True, "41")
    reader.caught_up("100")
    assert (reader.is_behind, reader.cursor) == (False, "100")


def test_an_event_without_a_cursor_does_not_move_the_reader() -> None:
    reader = Reader(cursor="7")
    reader.saw(None)
    assert reader.cursor == "7"


@pytest.mark.parametrize("number,last", [(8, 8), (6, 7), (None, 7), ("8", 7)])
def test_the_last_number_of_a_place_only_grows(number: object, last: int) -> None:
    reader = Reader(last={"acme/main": 7})
    reader.saw("any", "acme/main", number)
    assert reader.last == {"acme/main": last}


def test_what_was_lost_is_counted_and_what_was_broken_remembered() -> None:
    reader = Reader(cursor="7")

    reader.lost(None)
    reader.lost(ConnectionFailed("cut"))
    assert (reader.failures, reader.broken_at) == (2, None)
    reader.lost(StreamBroken("nonsense"))
    assert reader.broken_at == ("7",)


def test_a_stream_begins_now_or_at_a_cursor_or_after_a_message() -> None:
    assert reading.begun(FLOW, None) == Reader()
    assert reading.begun(FLOW, "41") == Reader(cursor="41")
    assert reading.begun(FLOW, 41) == Reader(cursor="41", last={"acme/main": 41})


def test_a_private_conversation_has_no_numbers_in_common_with_its_stream() -> None:
    assert reading.begun(PRIVATE, 41) == Reader(last={"42": 41}, is_behind=True)
