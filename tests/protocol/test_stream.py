import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.protocol.errors import StreamBroken
from flowdock.protocol.stream import (
    FRAME_LIMIT_BYTES,
    JSON_KEEP_ALIVE,
    SSE_KEEP_ALIVE,
    Frame,
    JsonDecoder,
    SseDecoder,
    encode_json,
    encode_sse,
)

Decoder: TypeAlias = JsonDecoder | SseDecoder
NewDecoder: TypeAlias = Callable[[], Decoder]

both_decoders = pytest.mark.parametrize("new_decoder", [JsonDecoder, SseDecoder])

# Everything that ends a line somewhere, in some language, and what takes several bytes.
AWKWARD = "\r\n\u2028\u2029\x85\x0b\x0c\0\ufeff😀é漢:"
texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(AWKWARD))
events = st.dictionaries(texts, texts | st.integers() | st.lists(texts) | st.none(), max_size=4)


def compact(event: object) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def json_wire(events: Sequence[object]) -> bytes:
    return b"".join(JSON_KEEP_ALIVE + encode_json(compact(event)) for event in events)


def sse_wire(events: Sequence[object], *, line_end: bytes = b"\n") -> bytes:
    frames = (SSE_KEEP_ALIVE + encode_sse(compact(event), str(number)) for number, event in enumerate(events, 1))
    return b"".join(frames).replace(b"\n", line_end)


def decoded(decoder: Decoder, *chunks: bytes) -> list[Frame]:
    return [frame for chunk in chunks for frame in decoder.decode(chunk)]


def cut(wire: bytes, places: Sequence[int]) -> list[bytes]:
    """The bytes in pieces, some of them empty."""
    edges = [0, *sorted(min(place, len(wire)) for place in places), len(wire)]
    return [wire[start:end] for start, end in pairwise(edges)]


def outcome(decoder: Decoder, chunks: Sequence[bytes]) -> tuple[list[Frame], bool]:
    """What a reader gets until the stream ends or breaks, and whether it broke."""
    frames: list[Frame] = []
    try:
        for chunk in [*chunks, b""]:
            frames += decoder.decode(chunk)
    except StreamBroken:
        return frames, True
    return frames, False


# ---- encoding ----


def test_a_json_record_is_the_event_and_a_line_end() -> None:
    assert encode_json(b'{"a":1}') == b'{"a":1}\r\n'


def test_a_server_sent_event_is_a_cursor_and_the_event() -> None:
    assert encode_sse(b'{"a":1}', "7.8") == encode_sse(b'{"a":1}', b"7.8") == b'id: 7.8\ndata: {"a":1}\n\n'


@pytest.mark.parametrize("event", [b"", b" ", b"\r\n", b'{"a":\n1}', b'{"a":\r1}'])
def test_an_event_that_clients_would_cut_is_refused(event: bytes) -> None:
    with pytest.raises(ValueError, match=r"event b.* is blank|event b.* holds a line break"):
        encode_json(event)
    with pytest.raises(ValueError, match=r"event b.* is blank|event b.* holds a line break"):
        encode_sse(event, "1")


@pytest.mark.parametrize("cursor", ["", "1\n2", "1\r2", "1\0"])
def test_a_cursor_that_clients_would_not_keep_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match=r"cursor b"):
        encode_sse(b"{}", cursor)


# ---- both framings ----


@given(sent=st.lists(events, max_size=4), places=st.lists(st.integers(0, 2000), max_size=8))
def test_both_decoders_give_the_events_sent_however_the_bytes_are_cut(
    sent: list[dict[str, Any]], places: list[int]
) -> None:
    from_json = decoded(JsonDecoder(), *cut(json_wire(sent), places))
    from_sse = decoded(SseDecoder(), *cut(sse_wire(sent), places))

    assert [frame.event for frame in from_json] == [frame.event for frame in from_sse] == sent
    assert [frame.cursor for frame in from_json] == [None] * len(sent)
    assert [frame.cursor for frame in from_sse] == [str(number) for number in range(1, len(sent) + 1)]


@pytest.mark.parametrize(
    "new_decoder,wire",
    [
        pytest.param(JsonDecoder, json_wire([{"a": AWKWARD}, {"b": 2}]), id="json"),
        pytest.param(SseDecoder, sse_wire([{"a": AWKWARD}, {"b": 2}]), id="sse with LF"),
        pytest.param(SseDecoder, sse_wire([{"a": AWKWARD}, {"b": 2}], line_end=b"\r\n"), id="sse with CRLF"),
        pytest.param(SseDecoder, sse_wire([{"a": AWKWARD}, {"b": 2}], line_end=b"\r"), id="sse with CR"),
        pytest.param(SseDecoder, b"\xef\xbb\xbf" + sse_wire([{"a": AWKWARD}, {"b": 2}]), id="sse with a mark"),
    ],
)
def test_a_cut_at_any_byte_changes_nothing(new_decoder: NewDecoder, wire: bytes) -> None:
    whole = decoded(new_decoder(), wire)

    assert [frame.event for frame in whole] == [{"a": AWKWARD}, {"b": 2}]
    assert decoded(new_decoder(), *(wire[at : at + 1] for at in range(len(wire)))) == whole
    for at in range(len(wire)):
        assert decoded(new_decoder(), wire[:at], wire[at:]) == whole


@given(
    wire=st.lists(
        st.sampled_from(
            [b"\r", b"\n", b"\r\n", b"data", b":", b" ", b"id", b"{}", b"[1]", b"{", b"\xc3", b"\xa4", b"\0"]
        )
    ).map(b"".join),
    places=st.lists(st.integers(0, 60), max_size=8),
)
@both_decoders
def test_any_bytes_mean_the_same_however_they_are_cut(new_decoder: NewDecoder, wire: bytes, places: list[int]) -> None:
    assert outcome(new_decoder(), cut(wire, places)) == outcome(new_decoder(), [wire])


@pytest.mark.parametrize(
    "new_decoder,wire",
    [(JsonDecoder, json_wire([{"a": 1}])), (SseDecoder, sse_wire([{"a": 1}]))],
    ids=["json", "sse"],
)
def test_an_event_is_handed_out_as_soon_as_it_is_complete(new_decoder: NewDecoder, wire: bytes) -> None:
    decoder = new_decoder()

    assert decoder.decode(wire[:-1]) == []
    assert [frame.event for frame in decoder.decode(wire[-1:])] == [{"a": 1}]


@pytest.mark.parametrize(
    "new_decoder,good,bad",
    [
        pytest.param(JsonDecoder, b'{"a":1}\r\n', b"<html>\r\n", id="json"),
        pytest.param(SseDecoder, b'data: {"a":1}\n\n', b"data: <html>\n\n", id="sse"),
    ],
)
def test_events_before_a_broken_frame_come_first_and_nothing_after_it(
    new_decoder: NewDecoder, good: bytes, bad: bytes
) -> None:
    decoder = new_decoder()

    assert [frame.event for frame in decoder.decode(good + bad + good)] == [{"a": 1}]
    with pytest.raises(StreamBroken, match=r"'<html>', which is not JSON; reconnect to resume"):
        decoder.decode(b"")
    with pytest.raises(StreamBroken):
        decoder.decode(good)


@pytest.mark.parametrize(
    "new_decoder,beginning,end", [(JsonDecoder, b"", b"\r\n"), (SseDecoder, b"data:", b"\n\n")], ids=["json", "sse"]
)
def test_nesting_without_end_breaks_the_stream_and_not_the_program(
    new_decoder: NewDecoder, beginning: bytes, end: bytes
) -> None:
    with pytest.raises(StreamBroken):
        new_decoder().decode(beginning + b"[" * 200_000 + end)


@pytest.mark.parametrize(
    "new_decoder,beginning,end", [(JsonDecoder, b"", b"\r\n"), (SseDecoder, b"data:", b"\n\n")], ids=["json", "sse"]
)
def test_a_frame_may_be_as_long_as_the_limit_and_no_longer(
    new_decoder: NewDecoder, beginning: bytes, end: bytes
) -> None:
    longest = b'"' + b"x" * (FRAME_LIMIT_BYTES - len(beginning) - 3) + b'"'

    assert len(decoded(new_decoder(), beginning + longest, end)) == 1
    with pytest.raises(StreamBroken, match="more than 8388608 bytes"):
        new_decoder().decode(beginning + b"  " + longest + end)
    with pytest.raises(StreamBroken, match="more than 8388608 bytes"):
        decoded(new_decoder(), beginning + b"  " + longest)


@pytest.mark.timeout(20)  # copying what is pending for each chunk would take minutes
@pytest.mark.parametrize(
    "new_decoder,wire",
    [(JsonDecoder, json_wire([{"a": "x" * 4_000_000}])), (SseDecoder, sse_wire([{"a": "x" * 4_000_000}]))],
    ids=["json", "sse"],
)
def test_a_long_event_may_come_in_tiny_chunks(new_decoder: NewDecoder, wire: bytes) -> None:
    frames = decoded(new_decoder(), *(wire[at : at + 16] for at in range(0, len(wire), 16)))

    assert [frame.event for frame in frames] == [{"a": "x" * 4_000_000}]


# ---- the JSON stream ----


@pytest.mark.parametrize("blanks", [b"\n", b"\n\n", b"\r\n", b"\n\r\n", b"\r\n\r\n", b" \r\n"])
def test_blank_records_of_other_servers_are_passed_over(blanks: bytes) -> None:
    frames = decoded(JsonDecoder(), blanks, b'{"a":1}\r\n' + blanks, blanks, blanks + b'{"a":2}\r\n')

    assert [frame.event for frame in frames] == [{"a": 1}, {"a": 2}]


def test_a_record_that_is_no_text_breaks_the_json_stream() -> None:
    with pytest.raises(StreamBroken):
        JsonDecoder().decode(b'"\xc3"\r\n')


def test_keep_alives_do_not_count_towards_the_length_of_a_frame() -> None:
    decoder = JsonDecoder()

    for _ in range(3):
        assert decoder.decode(JSON_KEEP_ALIVE * (FRAME_LIMIT_BYTES // 2)) == []


# ---- server-sent events ----


def sse_events(wire: bytes) -> list[object]:
    return [frame.event for frame in SseDecoder().decode(wire)]


@pytest.mark.parametrize(
    "wire,expected",
    [
        pytest.param(b"data:1\n\n", [1], id="the blank behind the colon may be missing"),
        pytest.param(b"data:  1\n\n", [1], id="more blanks belong to the value"),
        pytest.param(b'data: {"a":\ndata: 1}\n\n', [{"a": 1}], id="several lines make one value"),
        pytest.param(b'data: "a\ndata: b"\n\n', None, id="with a line feed between them"),
        pytest.param(b"data\n\ndata:\n\ndata: 1\n\n", [1], id="an event without content is none"),
        pytest.param(b": data: 1\n:\n\n", [], id="comments are passed over"),
        pytest.param(b"event: message\nfoo: 1\nfoo\n data: 2\ndata: 1\n\n", [1], id="so are other fields"),
        pytest.param(b"DATA: 1\n\n", [], id="names of fields are in lower case"),
        pytest.param(b"data: 1\n", [], id="an event that nothing terminates is dropped"),
        pytest.param(b"data: 1\r\n\r\ndata: 2\r\rdata: 3\n\n", [1, 2, 3], id="each kind of line end"),
        pytest.param(b"data: 1\r\n\ndata: 2\n\r", [1, 2], id="mixed line ends"),
        pytest.param(b"\xef\xbb\xbfdata: 1\n\n", [1], id="a byte order mark at the start"),
        pytest.param(b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n", [1], id="which is none later"),
        pytest.param(b'data: "\xff"\n\n', ["\ufffd"], id="bytes that are no text are replaced"),
    ],
)
def test_lines_are_read_as_the_standard_says(wire: bytes, expected: list[object] | None) -> None:
    if expected is None:
        with pytest.raises(StreamBroken):
            sse_events(wire)
    else:
        assert sse_events(wire) == expected


@pytest.mark.parametrize(
    "wire,cursors",
    [
        pytest.param(b"data: 1\n\n", [None], id="none at first"),
        pytest.param(b"id: 7\ndata: 1\n\ndata: 2\n\n", ["7", "7"], id="it stays until another one comes"),
        pytest.param(b"data: 1\nid:7\n\n", ["7"], id="it may come behind the data"),
        pytest.param(b"id: 7\nid: 8\ndata: 1\n\n", ["8"], id="the last one counts"),
        pytest.param(b"id: 7\n\ndata: 1\n\n", ["7"], id="it counts without data too"),
        pytest.param(b"id: 7\ndata: 1\n\nid\ndata: 2\n\n", ["7", None], id="an empty one takes it back"),
        pytest.param(b"id: 7\ndata: 1\n\nid: 8\0\ndata: 2\n\n", ["7", "7"], id="one with a NUL is ignored"),
        pytest.param("id: ä:b \ndata: 1\n\n".encode(), ["ä:b "], id="it may be any text"),
    ],
)
def test_each_event_knows_the_cursor_to_resume_from(wire: bytes, cursors: list[str | None]) -> None:
    decoder = SseDecoder()

    assert [frame.cursor for frame in decoder.decode(wire)] == cursors
    assert decoder.cursor == cursors[-1]


def test_the_cursor_of_an_event_counts_only_once_it_is_complete() -> None:
    decoder = SseDecoder()

    decoder.decode(b"id: 7\ndata: 1\n\nid: 8\ndata: 2\n")

    assert decoder.cursor == "7"


def test_a_broken_event_does_not_move_the_cursor_to_resume_from() -> None:
    decoder = SseDecoder()

    frames, broke = outcome(decoder, [b"id: 7\ndata: 1\n\nid: 8\ndata: <\n\n"])

    assert ([frame.cursor for frame in frames], broke, decoder.cursor) == (["7"], True, "7")


@pytest.mark.parametrize(
    "line,seconds",
    [
        (b"retry: 3000", 3.0),
        (b"retry:0", 0.0),
        (b"retry: 3s", None),
        (b"retry: -1", None),
        (b"retry", None),
        ("retry: ٣".encode(), None),
        (b"retry: " + b"9" * 5000, None),
    ],
)
def test_the_pause_a_server_asks_for_is_offered_in_seconds(line: bytes, seconds: float | None) -> None:
    decoder = SseDecoder()

    decoder.decode(line + b"\n")

    assert decoder.retry_seconds == seconds


def test_many_data_lines_count_together_towards_the_length_of_a_frame() -> None:
    half = b"data: " + b"x" * (FRAME_LIMIT_BYTES // 2) + b"\n"

    with pytest.raises(StreamBroken, match="more than 8388608 bytes"):
        decoded(SseDecoder(), half, half)
