import email
import io
import tracemalloc
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

import flowdock
from tests.client.flavours import Connect
from tests.client.peer import Exchange, Serve

FILE = {"id": 1, "event": "file", "content": {"path": "/files/1/key/plan b.png"}}
PATH = "/files/1/key/plan b.png"
CONTENT = bytes(range(256)) * 1000
MIB = 1 << 20


async def accept(exchange: Exchange) -> None:
    await exchange.answer(201, FILE)


async def redirect_then_serve(exchange: Exchange) -> None:
    if exchange.path.startswith("/files/"):
        await exchange.answer(302, raw=b"", headers={"Location": "/signed?key=abc"})
    else:
        await exchange.answer(200, raw=CONTENT, headers={"Content-Type": "image/png"})


def flow_on(connect: Connect, url: str, **keywords: Any) -> Any:
    return connect(token="t0ken", org="acme", flow="main", api_url=url, **keywords)


def parts_of(exchange: Exchange) -> dict[str, Message]:
    """The fields of a multipart form by name, read by another implementation than the one that wrote them."""
    head = f"Content-Type: {exchange.headers['content-type']}\r\n\r\n".encode()
    form = email.message_from_bytes(head + exchange.body)
    parts = [part for part in form.walk() if not part.is_multipart()]
    return {str(part.get_param("name", header="content-disposition")): part for part in parts}


def test_a_file_is_uploaded_as_a_form_under_its_own_name(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    peer = serve(accept)
    (tmp_path / "plan b.png").write_bytes(CONTENT)

    assert flow_on(connect, peer.url).upload(str(tmp_path / "plan b.png")) == FILE

    parts = parts_of(peer.requests[0])
    assert parts.keys() == {"event", "uuid", "content"}
    assert parts["event"].get_payload() == "file"
    assert parts["content"].get_filename() == "plan b.png"
    assert parts["content"].get_content_type() == "image/png"
    assert parts["content"].get_payload(decode=True) == CONTENT


def test_a_file_can_be_a_reply(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    peer = serve(accept)
    (tmp_path / "a.txt").write_text("a")
    flow = flow_on(connect, peer.url)

    flow.upload(tmp_path / "a.txt", thread_id="thread-1")
    flow.thread("thread-1").upload(tmp_path / "a.txt")

    assert parts_of(peer.requests[0])["thread_id"].get_payload() == "thread-1"
    assert peer.requests[1].path == "/flows/acme/main/threads/thread-1/messages"


def test_an_upload_that_failed_is_sent_again_whole_with_the_same_uuid(
    connect: Connect, serve: Serve, tmp_path: Path
) -> None:
    async def away_at_first(exchange: Exchange) -> None:
        await exchange.answer(503 if exchange.number == 1 else 201, FILE)

    peer = serve(away_at_first)
    (tmp_path / "a.bin").write_bytes(CONTENT)

    flow_on(connect, peer.url).upload(tmp_path / "a.bin")

    first, second = (parts_of(request) for request in peer.requests)
    assert first["uuid"].get_payload() == second["uuid"].get_payload()
    assert first["content"].get_payload(decode=True) == second["content"].get_payload(decode=True) == CONTENT


def test_an_upload_is_never_whole_in_memory(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    async def read_and_forget(exchange: Exchange) -> None:
        await exchange.skip_body()
        await accept(exchange)

    peer = serve(read_and_forget, reads_bodies=False)
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(32 * MIB)
    flow = flow_on(connect, peer.url)
    tracemalloc.start()

    flow.upload(tmp_path / "large.bin")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(peer.requests[0].pieces) > 32 * MIB
    assert peak < 8 * MIB


@pytest.mark.parametrize("size", [0, 1, 200_000])
def test_the_progress_of_an_upload_is_told(connect: Connect, serve: Serve, tmp_path: Path, size: int) -> None:
    peer = serve(accept)
    (tmp_path / "a.bin").write_bytes(b"x" * size)
    told: list[tuple[int, int | None]] = []

    flow_on(connect, peer.url).upload(tmp_path / "a.bin", progress=lambda done, total: told.append((done, total)))

    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1:] == [(size, size)] * (size > 0)


class Pipe(io.RawIOBase):
    """Gives its content once, in pieces that nobody chose."""

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece, self._rest = self._rest[: min(len(buffer), 1000)], self._rest[min(len(buffer), 1000) :]
        buffer[: len(piece)] = piece
        return len(piece)


def standing_at(start: int) -> io.BytesIO:
    file = io.BytesIO(b"x" * start + CONTENT)
    file.seek(start)
    return file


@pytest.mark.parametrize(
    "source",
    [lambda: CONTENT, lambda: io.BytesIO(CONTENT), lambda: standing_at(7), lambda: Pipe(CONTENT)],
    ids=["bytes", "open", "open-and-read-from", "pipe"],
)
def test_bytes_and_what_is_open_are_sent_and_sent_again_whole(connect: Connect, serve: Serve, source: Any) -> None:
    async def away_at_first(exchange: Exchange) -> None:
        await exchange.answer(503 if exchange.number == 1 else 201, FILE)

    peer, told = serve(away_at_first), list[tuple[int, int | None]]()
    given = source()

    flow_on(connect, peer.url).upload(given, name="chart.png", progress=lambda *figures: told.append(figures))

    for request in peer.requests:
        assert parts_of(request)["content"].get_filename() == "chart.png"
        assert parts_of(request)["content"].get_content_type() == "image/png"
        assert parts_of(request)["content"].get_payload(decode=True) == CONTENT
    assert len(peer.requests) == 2
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert isinstance(given, bytes) or not given.closed


def test_an_open_file_has_its_own_name_and_a_type_can_be_told(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    peer = serve(accept)
    (tmp_path / "numbers").write_bytes(CONTENT)

    with (tmp_path / "numbers").open("rb") as file:
        flow_on(connect, peer.url).thread("t").upload(file, content_type="text/csv")

    assert parts_of(peer.requests[0])["content"].get_filename() == "numbers"
    assert parts_of(peer.requests[0])["content"].get_content_type() == "text/csv"


@pytest.mark.parametrize(
    "source,complaint",
    [(b"abc", "give one, such as name="), (io.BytesIO(b"abc"), "give one"), (io.StringIO("abc"), "binary")],
)
def test_what_has_no_name_or_gives_text_is_refused_before_anything_is_sent(
    connect: Connect, source: Any, complaint: str
) -> None:
    with pytest.raises(TypeError, match=complaint):
        flow_on(connect, "http://127.0.0.1:1").upload(source)


def test_a_file_that_is_not_there_is_an_ordinary_error(connect: Connect, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        flow_on(connect, "http://127.0.0.1:1").upload(tmp_path / "none.png")


@pytest.mark.parametrize("path", [PATH, PATH.removeprefix("/")])
def test_a_download_follows_the_redirection_and_is_bytes(connect: Connect, serve: Serve, path: str) -> None:
    peer = serve(redirect_then_serve)

    assert flow_on(connect, peer.url).download(path) == CONTENT
    assert [request.target for request in peer.requests] == ["/files/1/key/plan%20b.png", "/signed?key=abc"]


def test_another_server_never_sees_the_token(connect: Connect, serve: Serve) -> None:
    store = serve(lambda exchange: exchange.answer(200, raw=CONTENT))

    async def redirect(exchange: Exchange) -> None:
        await exchange.answer(302, raw=b"", headers={"Location": f"{store.url}/signed", "Set-Cookie": "session=secret"})

    peer = serve(redirect)

    assert flow_on(connect, peer.url).download(PATH) == CONTENT
    assert "authorization" in peer.requests[0].headers
    assert store.requests[0].headers.keys().isdisjoint({"authorization", "cookie"})


def test_a_download_into_a_folder_has_the_files_own_name(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    peer = serve(redirect_then_serve)

    assert flow_on(connect, peer.url).download(PATH, to=tmp_path) == tmp_path / "plan b.png"
    assert [path.name for path in tmp_path.iterdir()] == ["plan b.png"]
    assert (tmp_path / "plan b.png").read_bytes() == CONTENT


def test_a_download_to_a_file_replaces_it_and_has_ordinary_permissions(
    connect: Connect, serve: Serve, tmp_path: Path
) -> None:
    peer = serve(redirect_then_serve)
    (tmp_path / "old.png").write_text("old")

    assert flow_on(connect, peer.url).download(PATH, str(tmp_path / "old.png")) == tmp_path / "old.png"
    assert (tmp_path / "old.png").read_bytes() == CONTENT
    (tmp_path / "made-by-hand").touch()
    assert (tmp_path / "old.png").stat().st_mode == (tmp_path / "made-by-hand").stat().st_mode


def test_a_download_to_something_open_writes_there_and_tells_the_progress(connect: Connect, serve: Serve) -> None:
    peer = serve(redirect_then_serve)
    target, told = io.BytesIO(), list[tuple[int, int | None]]()

    answer = flow_on(connect, peer.url).download(PATH, target, progress=lambda *figures: told.append(figures))

    assert answer is None
    assert target.getvalue() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_download_that_breaks_off_leaves_nothing_behind(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    async def break_off(exchange: Exchange) -> None:
        await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
        exchange.writer.close()

    peer = serve(break_off)

    with pytest.raises(flowdock.ConnectionFailed, match="was cut off by http"):
        flow_on(connect, peer.url).download(PATH, to=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_download_is_never_whole_in_memory(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    async def send_much(exchange: Exchange) -> None:
        await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (32 * MIB))
        for _ in range(32):
            await exchange.write(bytes(MIB))

    peer = serve(send_much)
    flow = flow_on(connect, peer.url)
    tracemalloc.start()

    flow.download(PATH, to=tmp_path)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * MIB


def test_a_missing_file_is_not_found(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    peer = serve(lambda exchange: exchange.answer(404, {"message": "not found"}))

    with pytest.raises(flowdock.NotFound) as caught:
        flow_on(connect, peer.url).download(PATH, to=tmp_path / "a.png")
    assert caught.value.args == (404, b'{"message": "not found"}')
    assert list(tmp_path.iterdir()) == []


def test_a_download_is_asked_for_again_while_the_server_is_away(connect: Connect, serve: Serve) -> None:
    async def away_at_first(exchange: Exchange) -> None:
        await exchange.answer(503 if exchange.number == 1 else 200, raw=CONTENT)

    peer = serve(away_at_first)

    assert flow_on(connect, peer.url).download(PATH) == CONTENT


def test_redirections_in_a_circle_are_given_up(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(302, raw=b"", headers={"Location": exchange.path}))

    with pytest.raises(flowdock.ConnectionFailed, match="without end"):
        flow_on(connect, peer.url).download(PATH)
    assert len(peer.requests) < 10


@pytest.mark.parametrize("path", ["https://evil.example/files/1/key/a.png", "/files/../../etc/passwd", "", "//"])
def test_a_path_that_leads_elsewhere_is_refused_before_anything_is_sent(connect: Connect, path: str) -> None:
    with pytest.raises(ValueError, match=r"is not on http://127.0.0.1:1|is not the path of a file"):
        flow_on(connect, "http://127.0.0.1:1").download(path)
