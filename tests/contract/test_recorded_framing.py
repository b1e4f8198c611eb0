"""What other clients of the streams must be sent, and must never be sent."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.protocol.stream import (
    JSON_KEEP_ALIVE,
    SSE_KEEP_ALIVE,
    JsonDecoder,
    SseDecoder,
    encode_json,
    encode_sse,
)

Case: TypeAlias = Mapping[str, Any]

DATA = Path(__file__).parent / "data"
RECORDED = json.loads((DATA / "authored/stream-framing-cases.json").read_text(encoding="utf-8"))


def cases_of(framing: str, *, forbidden: bool) -> list[object]:
    return [pytest.param(case, id=case["name"]) for case in RECORDED[framing] if ("events" not in case) == forbidden]


def chunks_of(case: Case) -> list[bytes]:
    if "chunks_hex" in case:
        return [bytes.fromhex(chunk) for chunk in case["chunks_hex"]]
    return [chunk.encode() for chunk in case.get("chunks", [case.get("text")])]


def compact(event: object) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["\r\n", "\n\n", "retry: 1\n\n", "\u2028"])
events = st.dictionaries(texts, texts | st.integers() | st.lists(texts) | st.none()).map(compact)
keep_alive = st.none()
cursors = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1).filter(str.strip)


@pytest.mark.parametrize("case", cases_of("json_stream", forbidden=False))
def test_a_json_stream_is_read_as_recorded(case: Case) -> None:
    decoder = JsonDecoder()

    frames = [frame for chunk in chunks_of(case) for frame in decoder.decode(chunk)]

    assert [frame.event for frame in frames] == case["events"]


@pytest.mark.parametrize("case", cases_of("sse", forbidden=False))
def test_server_sent_events_are_read_as_recorded(case: Case) -> None:
    decoder = SseDecoder()

    frames = [frame for chunk in chunks_of(case) for frame in decoder.decode(chunk)]

    assert [(frame.cursor, frame.event) for frame in frames] == [
        (event["id"], event["data"]) for event in case["events"]
    ]


@pytest.mark.parametrize(
    "case", [case for case in RECORDED["sse"] if case.get("events")], ids=lambda case: case["name"]
)
def test_a_server_sent_event_is_written_as_recorded(case: Case) -> None:
    [event] = case["events"]

    assert encode_sse(compact(event["data"]), event["id"]) == case["text"].encode()


@pytest.mark.parametrize("case", cases_of("json_stream", forbidden=True))
@given(writes=st.lists(events | keep_alive))
def test_the_json_stream_never_holds_what_breaks_a_client(case: Case, writes: Sequence[bytes | None]) -> None:
    wire = b"".join(JSON_KEEP_ALIVE if event is None else encode_json(event) for event in writes)

    records = wire.split(b"\r\n")

    [broken] = chunks_of(case)
    assert broken not in [record + b"\r\n" for record in records[:-1]]
    assert all(record.strip() for record in records[:-1]), "a record without an object in it"
    assert not records[-1].strip(), "something after the last record that is no keep-alive"


@pytest.mark.parametrize("case", cases_of("sse", forbidden=True))
@given(writes=st.lists(st.tuples(events, cursors) | keep_alive))
def test_server_sent_events_never_hold_what_breaks_a_client(
    case: Case, writes: Sequence[tuple[bytes, str] | None]
) -> None:
    wire = b"".join(SSE_KEEP_ALIVE if write is None else encode_sse(*write) for write in writes)

    names = {line.partition(b":")[0] for line in wire.splitlines() if line}

    forbidden = case["text"].partition(":")[0].encode()
    assert forbidden not in names
    assert names <= {b"", b"id", b"data"}


@given(event=events, cursor=cursors)
def test_an_event_is_one_id_line_and_one_data_line(event: bytes, cursor: str) -> None:
    assert encode_sse(event, cursor).split(b"\n") == [b"id: " + cursor.encode(), b"data: " + event, b"", b""]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=str(path.relative_to(DATA)))
        for path in sorted((DATA / "oulu-events/flowdock_events").rglob("*.json"))
    ],
)
def test_a_recorded_event_passes_both_framings_unchanged(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))

    [from_json] = JsonDecoder().decode(encode_json(compact(event)))
    [from_sse] = SseDecoder().decode(encode_sse(compact(event), "7"))

    assert from_json.event == from_sse.event == event
