"""What every stream has in common: how it is asked for, what its bytes are, who hears what, how it is resumed."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from flowdock.server.http.takeover import FlowdockProtocol
from flowdock.testing import Server
from tests.contract.flows import NewFlow, make_flow
from tests.contract.plain import PATIENCE_SECONDS, Caller, Stream, ask, basic, said

NOT_FOUND = b'{"message":"not found"}'
SSE = "text/event-stream"


@pytest.fixture(scope="module", params=[FlowdockProtocol, "h11"], ids=["handed over", "any server"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that hands connections over to the streams, and one that does not."""
    with Server(tmp_path_factory.mktemp("server"), http=request.param) as running:
        yield running


@pytest.fixture(scope="module")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that shows often that its streams live."""
    with Server(tmp_path_factory.mktemp("restless"), keep_alive_seconds=0.05) as running:
        yield running


class Connection:
    """A connection whose bytes are looked at."""

    def __init__(self, url: str, target: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._socket = socket.create_connection((parts.hostname, parts.port or 80), timeout=PATIENCE_SECONDS)
        self._reader = self._socket.makefile("rb")
        lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **headers}.items())
        self._socket.sendall(f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode())

    def head(self) -> bytes:
        """The status line and the headers."""
        lines = []
        while (line := self._reader.readline()) not in {b"\r\n", b""}:
            lines.append(line)
        return b"".join(lines)

    def chunk(self) -> bytes:
        """The next chunk of the body; empty when it is over, which the server must say."""
        size = int(self._reader.readline(), 16)
        content = self._reader.read(size)
        assert self._reader.read(2) == b"\r\n"
        return content

    def rest(self) -> bytes:
        """Everything until the server closes."""
        return self._reader.read()

    def close(self) -> None:
        """Go away."""
        self._reader.close()
        self._socket.close()


def open_connection(server: Server, target: str, **headers: str) -> Connection:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Connection(server.url, target, {**basic(server.user.token), **named})


def say(caller: Caller, flow: NewFlow, content: str) -> int:
    message_id: int = caller.post(f"{flow.path}/messages", event="message", content=content).json["id"]
    return message_id


# Asking for a stream


@pytest.mark.parametrize(
    "target",
    [
        "/stream/flows/{org}/{name}",
        "/stream/flows/{org}/{name}/",
        "/stream/flows?filter={org}/{name}",
        "/stream/flows/?filter={org}%2F{name}",
        "/stream/flows?filter={org}:{name}",
        "/stream/flows?filter={id}",
        "/stream/flows?filter={id},{org}%2F{name}",
        "/stream/flows?filter={id}%2Cacme%2Fmain&user=1&active=idle",
        "//stream//flows?filter={id}",
        "/v1/stream/flows?filter={id}",
    ],
)
def test_a_flow_is_followed_however_it_is_named(alice: Caller, bob: Caller, new_flow: NewFlow, target: str) -> None:
    with alice.stream(target.format(org=new_flow.org, name=new_flow.name, id=new_flow.id)) as stream:
        assert stream.status == 200
        message_id = say(bob, new_flow, "hi")

        assert stream.until(said("hi"))[-1]["id"] == message_id


@pytest.mark.parametrize("host", ["stream.flowdock.com", "stream.flows.example:8080"])
@pytest.mark.parametrize("target", ["/flows?filter={id}", "/flows/{org}/{name}", "/v1/flows/?filter={id}"])
def test_a_host_for_streams_needs_no_prefix(alice: Caller, new_flow: NewFlow, host: str, target: str) -> None:
    path = target.format(id=new_flow.id, org=new_flow.org, name=new_flow.name)

    with alice.stream(path, Host=host) as stream:
        assert stream.headers["Transfer-Encoding"] == "chunked"
        message_id = say(alice, new_flow, "hi")
        assert stream.next()["id"] == message_id


@pytest.mark.parametrize("query", ["user=1", "filter=&user=1", "user=true", "active=idle&user=1"])
def test_without_flows_only_what_is_private_is_followed(
    alice: Caller, bob: Caller, new_flow: NewFlow, query: str
) -> None:
    with alice.stream(f"/stream/flows/?{query}") as stream:
        say(bob, new_flow, "for all")
        bob.post("/private/1/messages", event="message", content="for you")

        assert stream.next()["content"] == "for you"


@pytest.mark.parametrize("query", ["", "filter=", "user=0", "active=true", "filter=,"])
def test_a_stream_of_nothing_is_refused(alice: Caller, query: str) -> None:
    answer = alice.get(f"/stream/flows?{query}")

    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/json; charset=utf-8")
    assert "filter" in answer.json["errors"]


@pytest.mark.parametrize("accept", ["application/json", SSE])
def test_one_flow_of_others_refuses_the_whole(server: Server, new_flow: NewFlow, accept: str) -> None:
    stranger = {**basic(server.stranger().token), "Accept": accept}

    for target in (f"/stream/flows?filter={new_flow.id}&user=1", f"/stream{new_flow.path}"):
        answer = ask(server.url, "GET", target, headers=stranger)
        assert (answer.status, answer.body) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    "accept,query,expected",
    [
        ("text/event-stream", "", SSE),
        ("text/event-stream, */*", "", SSE),
        ("application/json", "", "application/json"),
        ("*/*", "", "application/json"),
        ("", "", "application/json"),
        ("*/*", "?accept=text/event-stream", SSE),
    ],
)
def test_the_framing_is_chosen_by_what_is_accepted(
    server: Server, new_flow: NewFlow, accept: str, query: str, expected: str
) -> None:
    headers = {**basic(server.user.token), **({"Accept": accept} if accept else {})}

    with Stream(server.url, f"/stream{new_flow.path}{query}", headers) as stream:
        assert (stream.status, stream.headers["Content-Type"]) == (200, f"{expected}; charset=utf-8")


def test_a_page_of_another_site_may_listen(alice: Caller, new_flow: NewFlow) -> None:
    with alice.stream(f"/stream{new_flow.path}", accept=SSE, Origin="https://stats.example") as stream:
        assert stream.headers["Access-Control-Allow-Origin"] == "https://stats.example"


# Its bytes


@pytest.mark.parametrize("accept", ["application/json", SSE])
def test_the_head_comes_at_once_and_then_nothing_but_what_is_said(
    server: Server, alice: Caller, new_flow: NewFlow, accept: str
) -> None:
    connection = open_connection(server, f"/stream{new_flow.path}", Accept=accept)

    head = connection.head().lower()
    message_id = say(alice, new_flow, "first")
    chunk = connection.chunk()
    connection.close()

    assert head.startswith(b"http/1.1 200 ")
    assert b"\r\ntransfer-encoding: chunked\r\n" in head
    assert b"content-length" not in head
    assert b'"id":%d,' % message_id in chunk


def test_a_record_of_the_json_stream_is_a_chunk_of_one_line(server: Server, alice: Caller, new_flow: NewFlow) -> None:
    connection = open_connection(server, f"/stream{new_flow.path}")
    connection.head()

    chunks = []
    for text in ("one", "two\r\nlines", "ünïcødé\u2028"):
        say(alice, new_flow, text)
        chunks.append(connection.chunk())
    connection.close()

    assert [re.fullmatch(rb"\{[^\r\n]+\}\r\n", chunk) is not None for chunk in chunks] == [True] * 3


def test_a_server_sent_event_is_a_chunk_of_an_id_and_one_line_of_data(
    server: Server, alice: Caller, new_flow: NewFlow
) -> None:
    connection = open_connection(server, f"/stream{new_flow.path}", Accept=SSE)
    connection.head()

    message_id = say(alice, new_flow, "two\r\nlines")
    chunk = connection.chunk()
    connection.close()

    assert re.fullmatch(rb"id: %d\ndata: \{[^\r\n]+\}\n\n" % message_id, chunk)


@pytest.mark.parametrize("accept,sign", [("application/json", b"\n"), (SSE, b":\n\n")])
def test_a_quiet_stream_shows_that_it_lives(restless: Server, accept: str, sign: bytes) -> None:
    connection = open_connection(restless, "/stream/flows/acme/main", Accept=accept)
    connection.head()

    assert [connection.chunk() for _ in range(3)] == [sign] * 3
    connection.close()


@pytest.mark.parametrize("accept", ["application/json", SSE])
def test_a_stopping_server_ends_the_body_properly(tmp_path: Path, accept: str) -> None:
    with Server(tmp_path) as server:
        connection = open_connection(server, "/stream/flows/acme/main", Accept=accept)
        connection.head()

        server.stop()

        assert connection.rest() == b"0\r\n\r\n"
        connection.close()


# Who hears what


def test_private_messages_are_heard_by_the_two_alone(server: Server, alice: Caller, bob: Caller) -> None:
    flow = make_flow(server)
    carol = Caller(server.url, basic(server.third_user.token))
    target = f"/stream/flows?filter={flow.id}&user=1"

    with alice.stream(target) as first, bob.stream(target) as second, carol.stream(target) as third:
        sent = alice.post("/private/2/messages", event="message", content="between us").json
        alice.put(f"/private/2/messages/{sent['id']}", content="still between us")
        say(alice, flow, "for all")

        heard = [stream.until(said("for all")) for stream in (first, second, third)]

    assert [len(events) for events in heard] == [3, 3, 1]
    assert heard[0][:2] == heard[1][:2]
    assert [event["to"] for event in heard[0][:2]] == ["2", "2"]
    assert heard[0][1]["content"] == {"message": sent["id"], "updated_content": "still between us"}


def test_a_flow_alone_carries_nothing_private(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    with alice.stream(f"/stream{new_flow.path}") as stream:
        bob.post("/private/1/messages", event="message", content="for you")
        say(bob, new_flow, "for all")

        assert stream.next()["content"] == "for all"


def test_a_note_to_oneself_is_heard_once(alice: Caller, new_flow: NewFlow) -> None:
    with alice.stream(f"/stream{new_flow.path}?user=1") as stream:
        alice.post("/private/1/messages", event="message", content="milk")
        say(alice, new_flow, "for all")

        assert [event["content"] for event in stream.until(said("for all"))] == ["milk", "for all"]


@pytest.mark.parametrize("active,content", [("true", {"last_activity"}), ("idle", set[str]())])
def test_who_is_active_is_shown_to_the_flow_and_stored_nowhere(
    alice: Caller, bob: Caller, new_flow: NewFlow, active: str, content: set[str]
) -> None:
    before = alice.get(f"{new_flow.path}/messages").json

    with alice.stream(f"/stream{new_flow.path}") as stream, bob.stream(f"/stream{new_flow.path}?active={active}"):
        shown = stream.next()

    assert (shown["event"], shown["user"], shown["content"].keys()) == ("activity.user", "2", content)
    assert alice.get(f"{new_flow.path}/messages").json == before


def test_who_only_listens_is_not_seen(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    with alice.stream(f"/stream{new_flow.path}") as stream, bob.stream(f"/stream{new_flow.path}?user=1"):
        say(alice, new_flow, "hi")

        assert stream.next()["content"] == "hi"


# Resuming


@pytest.mark.parametrize("accept", ["application/json", SSE])
def test_a_stream_goes_on_after_the_last_event_that_was_seen(alice: Caller, new_flow: NewFlow, accept: str) -> None:
    seen = say(alice, new_flow, "seen")
    missed = say(alice, new_flow, "missed")
    alice.put(f"{new_flow.path}/messages/{seen}", content="seen @bob")

    with alice.stream(f"/stream{new_flow.path}", accept=accept, Last_Event_ID=str(seen)) as stream:
        live = say(alice, new_flow, "live")
        heard = stream.until(said("live"))

    assert [event["event"] for event in heard] == ["message", "message-edit", "tag-change", "message"]
    assert [event["id"] for event in heard] == [missed, missed + 1, missed + 2, live]


@pytest.mark.parametrize("name", ["Last-Event-ID", "Last-Event-Id", "last-event-id"])
def test_the_header_is_written_in_many_ways(alice: Caller, new_flow: NewFlow, name: str) -> None:
    seen, missed = say(alice, new_flow, "seen"), say(alice, new_flow, "missed")

    with alice.stream(f"/stream{new_flow.path}", accept=SSE, **{name: str(seen)}) as stream:
        assert stream.next_with_cursor()[0] == str(missed)


def test_several_flows_and_private_messages_go_on_where_each_was_left(
    alice: Caller, bob: Caller, server: Server, new_flow: NewFlow
) -> None:
    other = make_flow(server)
    target = f"/stream/flows?filter={quote(new_flow.id)},{quote(other.id)}&user=1"
    with alice.stream(target, accept=SSE) as stream:
        for flow in (new_flow, other, new_flow):
            say(bob, flow, "seen")
        cursor = [stream.next_with_cursor()[0] for _ in range(3)][-1]
    for flow in (other, new_flow):
        say(bob, flow, "missed")
    bob.post("/private/1/messages", event="message", content="missed")
    assert cursor is not None

    with alice.stream(target, accept=SSE, Last_Event_ID=cursor) as stream:
        heard = [stream.next() for _ in range(3)]

    assert [event["content"] for event in heard] == ["missed"] * 3
    assert {event.get("flow") for event in heard} == {new_flow.id, other.id, None}


@pytest.mark.parametrize("cursor", ["nonsense", "1:2,x", "-1", "9" * 30, "999999999"])
def test_an_id_that_means_nothing_just_goes_live(alice: Caller, new_flow: NewFlow, cursor: str) -> None:
    say(alice, new_flow, "before")

    with alice.stream(f"/stream{new_flow.path}", accept=SSE, Last_Event_ID=cursor) as stream:
        say(alice, new_flow, "after")
        assert stream.next()["content"] == "after"


@pytest.mark.parametrize("cursor,gap", [("nonsense", "unknown"), ("999999999", "shorter"), ("1", None)])
def test_a_stream_says_when_it_cannot_go_on_after_the_id(
    alice: Caller, new_flow: NewFlow, cursor: str, gap: str | None
) -> None:
    with alice.stream(f"/stream{new_flow.path}", accept=SSE, Last_Event_ID=cursor) as stream:
        assert stream.headers.get("flowdock-gap") == gap


def test_a_flow_that_was_joined_since_is_heard_from_the_moment_one_came_in(
    alice: Caller, bob: Caller, server: Server
) -> None:
    made = alice.post(f"/flows/{server.org}", name="Joined since").json
    path = f"/flows/{server.org}/{made['parameterized_name']}"
    with bob.stream("/stream/flows?user=1", accept=SSE) as stream:
        cursor = stream.headers["flowdock-cursor"]
    alice.post(f"{path}/messages", event="message", content="before bob came")
    alice.post(f"{path}/users", id=server.second_user.id)
    alice.post(f"{path}/messages", event="message", content="after bob came")

    target = f"/stream/flows?filter={quote(made['id'])}&user=1"
    with bob.stream(target, accept=SSE, Last_Event_ID=cursor) as stream:
        heard = [stream.next() for _ in range(3)]

    told = {event["event"]: event for event in heard}
    assert told.keys() == {"backend.user.join", "message", "flow-add"}
    assert told["message"]["content"] == "after bob came"
    assert told["flow-add"]["content"]["since_id"] == told["backend.user.join"]["id"] - 1
