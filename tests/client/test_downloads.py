"""A download that is cut goes on where it was, and what is stored is whole and the same version throughout."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flowdock
from flowdock.client.partial import Partial
from flowdock.testing import Server
from tests.client.flavours import Connect
from tests.client.peer import Exchange, Handler, Serve

PATH = "/files/1/key/plan.png"
CONTENT = bytes(range(256)) * 40
PIECE = 4000


def cutting(*, ranges: bool = True, etags: tuple[str | None, ...] = ('"v1"',)) -> Handler:
    """Gives no more than a piece of the file at once, and then resets the connection."""

    async def give_a_piece(exchange: Exchange) -> None:
        etag = etags[min(exchange.number, len(etags)) - 1]
        asked = re.fullmatch(r"bytes=(\d+)-", exchange.headers.get("range", ""))
        start = int(asked[1]) if asked and ranges and exchange.headers.get("if-range") == etag else 0
        head = [f"HTTP/1.1 {206 if start else 200} Whatever", f"Content-Length: {len(CONTENT) - start}"]
        head += [f"ETag: {etag}"] if etag else []
        head += [f"Content-Range: bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"] if start else []
        # Without ranges each time a little more arrives.
        stop = start + PIECE if ranges else PIECE * exchange.number
        await exchange.write("\r\n".join([*head, "", ""]).encode() + CONTENT[start:stop])
        if stop < len(CONTENT):
            exchange.writer.close()

    return give_a_piece


def flow_on(connect: Connect, url: str) -> Any:
    return connect(token="t0ken", org="acme", flow="main", api_url=url)


def test_a_download_goes_on_after_each_cut_with_the_rest_of_the_same_version(
    connect: Connect, serve: Serve, tmp_path: Path
) -> None:
    peer, told = serve(cutting()), list[int]()

    to = flow_on(connect, peer.url).download(PATH, to=tmp_path, progress=lambda done, _: told.append(done))

    assert to.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["plan.png"]
    asked = [(one.headers.get("range"), one.headers.get("if-range")) for one in peer.requests]
    assert asked == [(None, None), (f"bytes={PIECE}-", '"v1"'), (f"bytes={2 * PIECE}-", '"v1"')]
    assert told == sorted(set(told))
    assert told[-1] == len(CONTENT)


@pytest.mark.parametrize("etag", ['"v1"', 'W/"v1"', None])
def test_of_a_server_without_ranges_nothing_is_written_twice(connect: Connect, serve: Serve, etag: str | None) -> None:
    target = io.BytesIO()

    flow_on(connect, serve(cutting(ranges=False, etags=(etag,))).url).download(PATH, target)

    assert target.getvalue() == CONTENT


def test_two_versions_are_never_put_together(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    peer = serve(cutting(etags=('"v1"', '"v2"')))

    with pytest.raises(flowdock.ConnectionFailed, match=r"plan\.png changed while it was fetched; fetch it again"):
        flow_on(connect, peer.url).download(PATH, to=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_download_to_which_nothing_comes_any_more_is_given_up(connect: Connect, serve: Serve) -> None:
    async def never_more(exchange: Exchange) -> None:
        if exchange.number > 1:
            exchange.cut()
        await cutting()(exchange)

    with pytest.raises(flowdock.ConnectionFailed):
        flow_on(connect, serve(never_more).url).download(PATH)


@given(st.binary(max_size=50), st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=8))
def test_however_it_is_cut_each_byte_comes_once(content: bytes, cuts: list[tuple[bool, int]]) -> None:
    partial, came = Partial(PATH), b""
    for knows_ranges, size in [*cuts, (True, 50)]:
        start = partial.done if knows_ranges else 0
        span = {"content-range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        length = {"content-length": str(len(content) - start)}
        partial.answered(206 if start else 200, {"etag": '"v1"', **length, **span})
        came += partial.fresh(content[start : start + size // 2]) + partial.fresh(
            content[start + size // 2 :][: size - size // 2]
        )
    assert came == content
    assert not partial.is_short


@pytest.mark.parametrize("span", ["bytes 3-9/10", "bytes */10", "", "lines 4-9/10"])
def test_another_part_than_the_one_asked_for_is_refused(span: str) -> None:
    partial = Partial(PATH, done=4, etag='"v1"')
    with pytest.raises(flowdock.ConnectionFailed, match="was asked for from byte 4 on"):
        partial.answered(206, {"etag": '"v1"', "content-range": span})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


def test_the_server_gives_the_rest_of_a_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(CONTENT)
    with flowdock.connect(token=server.user.token, api_url=server.url, org=server.org, flow=server.flow) as flow:
        content: Any = flow.upload(tmp_path / "a.bin")["content"]
        partial = Partial(content["path"])
        with flow._transport.fetch(partial.path, headers=partial.headers()) as answer:
            partial.answered(answer.status, answer.headers)
        partial.done = PIECE
        with flow._transport.fetch(partial.path, headers=partial.headers()) as answer:
            partial.answered(answer.status, answer.headers)
            rest = b"".join(iter(answer.next_chunk, b""))
    assert (answer.status, rest, partial.total) == (206, CONTENT[PIECE:], len(CONTENT))
