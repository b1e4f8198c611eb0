import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowdock.server.hub.redis.letters import CREDENTIALS, WHISPERS, Channels, Letter, Outbox

OURS, THEIRS = b"12345678", b"abcdefgh"
log_ids = st.integers(0, 5)
letters = st.builds(Letter, log_ids, st.integers(1, 2**63), st.just(b"")) | st.builds(
    Letter, log_ids, st.just(0), st.binary()
)


@given(letters, st.integers(0, 15))
@example(Letter(7, 0, b"r 5"), 0)
def test_what_one_process_writes_another_reads(letter: Letter, database: int) -> None:
    here, there = Channels(database=database, sender=OURS), Channels(database=database, sender=THEIRS)
    assert there.read(here.name(letter.log_id), here.written(letter)) == letter
    assert here.read(here.name(letter.log_id), here.written(letter)) is None


def test_a_number_is_said_in_a_few_bytes() -> None:
    channels = Channels(database=0, sender=OURS)
    assert (channels.name(7), channels.written(Letter(7, 1236))) == (b"flowdock:0:log:7", b"12345678r 1236")


@given(st.binary())
def test_what_is_none_of_ours_is_a_value_error_or_a_letter(content: bytes) -> None:
    channels = Channels(database=0, sender=OURS)
    try:
        letter = channels.read(channels.name(7), content)
    except ValueError:
        return
    assert letter is None or letter.log_id == 7


def test_a_sender_is_always_as_long() -> None:
    with pytest.raises(ValueError, match="8 bytes, not 3"):
        Channels(database=0, sender=b"abc")


@given(st.lists(letters, max_size=50))
def test_the_highest_number_of_each_log_waits_and_every_whisper_in_order(given_letters: list[Letter]) -> None:
    outbox = Outbox()
    outbox.put(given_letters)
    waiting = outbox.take()
    highest: dict[int, int] = {}
    for letter in given_letters:
        if letter.number:
            highest[letter.log_id] = max(letter.number, highest.get(letter.log_id, 0))
    assert {letter.log_id: letter.number for letter in waiting if letter.number} == highest
    assert [letter for letter in waiting if not letter.number] == [one for one in given_letters if not one.number]
    assert len(waiting) == len(highest) + sum(not letter.number for letter in given_letters)
    assert not outbox


def test_what_is_put_back_is_overtaken_by_what_came_since() -> None:
    outbox = Outbox()
    outbox.put([Letter(7, 5)])
    outbox.put_back([Letter(7, 3), Letter(8, 1)])
    assert outbox.take() == [Letter(7, 5), Letter(8, 1)]


def test_whispers_are_not_told_twice() -> None:
    outbox = Outbox()
    outbox.put_back([Letter(7, 0, b"{}"), Letter(CREDENTIALS, 1)])
    assert outbox.take() == [Letter(CREDENTIALS, 1)]


def test_of_many_whispers_the_newest_wait() -> None:
    outbox = Outbox()
    outbox.put(Letter(7, 0, b"%d" % at) for at in range(3 * WHISPERS))
    waiting = outbox.take()
    assert (len(waiting), waiting[-1].frame) == (WHISPERS, b"%d" % (3 * WHISPERS - 1))
