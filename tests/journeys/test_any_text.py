"""Whatever a person writes comes back as it was: from the answer, the list, the search, and both kinds of stream."""

import http.client
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import flowdock
from flowdock.protocol.stream import JsonDecoder
from flowdock.testing import Server
from tests.journeys.talking import Reader, basic, wait_until

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300).filter(
    lambda text: text.strip() != ""
)


class JsonReader:
    """The JSON stream of the flow, read as far as is needed."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=30)
        self._connection.request("GET", "/stream/flows/acme/main", headers=basic(server.user.token))
        self._response = self._connection.getresponse()
        self._decoder = JsonDecoder()
        self.contents: dict[int, object] = {}

    def content_of(self, number: int) -> object:
        """The content of a message, once the stream brought it."""
        while number not in self.contents:
            for frame in self._decoder.decode(self._response.read1(65536)):
                self.contents[frame.event["id"]] = frame.event["content"]
        return self.contents[number]

    def close(self) -> None:
        """Read no more."""
        self._connection.close()


@pytest.fixture(scope="module")
def streams(server: Server) -> Iterator[tuple[Reader, JsonReader]]:
    port = int(server.url.rpartition(":")[2])
    reader, json_reader = Reader(port, server.user.token, "/stream/flows/acme/main"), JsonReader(server)
    reader.start()
    assert reader.following.wait(30)
    yield reader, json_reader
    reader.stop()
    json_reader.close()


@pytest.fixture(scope="module")
def flow(server: Server) -> Iterator[flowdock.Flow]:
    with flowdock.connect(
        token=server.user.token, org=server.org, flow=server.flow, api_url=server.url, stream_url=server.stream_url
    ) as flow:
        yield flow


@settings(max_examples=120)
@given(text=TEXTS)
@example(text="\r\n#tag \u2028 @bob\u0085 https://example.com/\ud7ff")
@example(text="x" * 8096)
@example(text="😂" * 8096)
@example(text='"}\r\n\r\ndata: {}\n\n: \\u0000')
@example(text="東京都と大阪府")
def test_any_text_survives_the_whole_way(text: str, flow: flowdock.Flow, streams: tuple[Reader, JsonReader]) -> None:
    reader, json_reader = streams
    sent = flow.send(text)
    number = sent["id"]

    assert sent["content"] == text
    assert flow.show(number) == sent
    assert flow.list(limit=1) == [sent]
    words = re.findall(r"\w+", text)
    if words:
        assert number in [found["id"] for found in flow.list(search=words[0], limit=100)]
    assert json_reader.content_of(number) == text
    wait_until(lambda: any(event["id"] == number for event in reader.events[-5:]))
    assert next(event for event in reader.events if event["id"] == number)["content"] == text
