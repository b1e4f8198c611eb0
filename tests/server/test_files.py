"""Files: kept, found under short-lived addresses, and served so that they can do no harm."""

import asyncio
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, unquote

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from flowdock.protocol.errors import NOT_FOUND_BODY, body_of
from flowdock.protocol.types import FileContent
from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import Files, Upload, names, signing
from flowdock.server.http.files import download, redirect

NOON = 1_600_000_200.0
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


@dataclass
class Office:
    """Files, a clock that stands still, and the little of a server that serves them."""

    place: str | Path
    now: float = NOON
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        self.files = Files(self.place, secret=b"secret", clock=lambda: self.now)

    def keep(self, content: bytes, *, name: str = "a.bin", content_type: str = "", log: int = 7) -> FileContent:
        safe = names.file_name(name)
        upload = Upload(safe, names.content_type(content_type, name=safe), len(content), BytesIO(content))
        return asyncio.run(self.files.keep(upload, log=log))

    def drop(self, path: str) -> None:
        asyncio.run(self.files.drop(path))

    def app(self) -> Starlette:
        async def found(request: Request) -> Response:
            return redirect(self.files, request.scope["path"])

        async def refused(_: Request, refusal: Exception) -> Response:
            assert isinstance(refusal, Refusal)
            return Response(body_of(refusal.message, refusal.errors), refusal.status)

        routes = [
            Route("/download/{rest:path}", partial(download, files=self.files)),
            Route("/{rest:path}", found),
        ]
        return Starlette(routes=routes, exception_handlers={Refusal: refused})


@pytest.fixture(params=["memory", "folder"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    return Office("memory:///" if request.param == "memory" else tmp_path / "files")


@pytest.fixture
def http(office: Office) -> Iterator[httpx2.Client]:
    with TestClient(office.app(), follow_redirects=True) as client:
        yield client


def picture(width: int, height: int, kind: str = "PNG", **options: object) -> bytes:
    body = BytesIO()
    mode = {"GIF": "P", "PNG": "RGBA"}.get(kind, "RGB")
    Image.new(mode, (width, height)).save(body, kind, **options)
    return body.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return PNG_HEAD + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + end


# ---------------------------------------------------------------------------------------------------------- keeping


def test_the_content_of_a_message_is_as_recorded(office: Office) -> None:
    body = picture(640, 360)
    content = office.keep(body, name="plan b.png", content_type="image/png", log=151242)
    key = content["path"].split("/")[3]
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", key)
    assert content == {
        "path": f"/files/151242/{key}/plan b.png",
        "file_name": "plan b.png",
        "file_size": len(body),
        "content_type": "image/png",
        "content_disposition": "inline; filename*=UTF-8''plan%20b.png",
        "image": {"width": 640, "height": 360},
        "thumbnail": {"path": f"/files/151242/{key}/thumb/plan b.png", "width": 100, "height": 56},
    }
    assert list(content)[:5] == ["path", "file_name", "file_size", "content_type", "content_disposition"]


def test_what_is_no_picture_is_an_attachment_without_size(office: Office) -> None:
    content = office.keep(b"hello", name="Größe.txt")
    assert content == {
        "path": content["path"],
        "file_name": "Größe.txt",
        "file_size": 5,
        "content_type": "text/plain",
        "content_disposition": "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt",
    }


def test_every_file_has_a_key_of_its_own(office: Office) -> None:
    assert len({office.keep(b"same")["path"] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "kind, media_type",
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("WEBP", "image/webp"), ("BMP", "image/bmp")],
)
def test_the_type_of_a_picture_is_what_it_is_not_what_was_claimed(kind: str, media_type: str) -> None:
    content = Office("memory:///").keep(picture(200, 100, kind), name="a.txt", content_type="text/html")
    assert content["content_type"] == media_type
    assert content["image"] == {"width": 200, "height": 100}
    assert (content["thumbnail"]["width"], content["thumbnail"]["height"]) == (100, 50)


def test_a_picture_within_the_box_needs_no_thumbnail() -> None:
    content = Office("memory:///").keep(picture(100, 100))
    assert content["image"] == {"width": 100, "height": 100}
    assert "thumbnail" not in content


@pytest.mark.parametrize("width, height, expected", [(101, 1, (100, 1)), (60, 2000, (3, 100)), (5000, 3, (100, 1))])
def test_a_thumbnail_fits_the_box(width: int, height: int, expected: tuple[int, int]) -> None:
    thumbnail = Office("memory:///").keep(picture(width, height))["thumbnail"]
    assert (thumbnail["width"], thumbnail["height"]) == expected


def test_a_picture_is_as_large_as_people_see_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = Office("memory:///").keep(picture(400, 200, "JPEG", exif=exif))
    assert content["image"] == {"width": 200, "height": 400}
    assert (content["thumbnail"]["width"], content["thumbnail"]["height"]) == (50, 100)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(PNG_HEAD, id="only the beginning"),
        pytest.param(picture(300, 300)[:60], id="cut"),
        pytest.param(picture(300, 300).replace(b"IDAT", b"IDAX"), id="damaged"),
        pytest.param(png_that_claims(300, 300), id="empty inside"),
        pytest.param(png_that_claims(0, 0), id="no size"),
        pytest.param(png_that_claims(9_000, 9_000), id="a bomb"),
        pytest.param(png_that_claims(2_000_000_000, 2_000_000_000), id="a huge bomb"),
        pytest.param(b"GIF89a" + bytes(100), id="no gif"),
        pytest.param(b"\xff\xd8\xff" + bytes(100), id="no jpeg"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 ", id="no webp"),
        pytest.param(b"BM" + bytes(100), id="no bmp"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", id="svg"),
    ],
)
@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
def test_broken_pictures_and_bombs_are_just_files(body: bytes) -> None:
    content = Office("memory:///").keep(body, name="a.png", content_type="image/png")
    assert "image" not in content
    assert "thumbnail" not in content
    assert content["file_size"] == len(body)


def test_a_picture_too_large_to_decode_has_a_size_and_no_thumbnail() -> None:
    content = Office("memory:///").keep(png_that_claims(4000, 4000))
    assert content["image"] == {"width": 4000, "height": 4000}
    assert "thumbnail" not in content


@given(st.binary(max_size=300), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP"]), st.integers(0, 300))
def test_damage_to_a_picture_never_keeps_it_from_being_kept(damage: bytes, kind: str, at: int) -> None:
    body = picture(120, 90, kind)
    damaged = body[:at] + damage + body[at + len(damage) :]
    assert Office("memory:///").keep(damaged)["file_size"] == len(damaged)


def test_a_large_file_is_read_in_small_parts(office: Office) -> None:
    sizes: list[int] = []

    class Watched(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sizes.append(len(self.getvalue()) if size is None or size < 0 else size)
            return super().read(size)

    body = bytes(9 * 1024 * 1024)
    content = asyncio.run(office.files.keep(Upload("big", "text/plain", len(body), Watched(body)), log=1))
    assert max(sizes) <= 1024 * 1024
    assert content["file_size"] == len(body)


def test_a_full_disk_refuses_the_file_and_leaves_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path / "files")
    (tmp_path / "files" / "7").write_text("in the way")
    with pytest.raises(Refusal) as caught:
        office.keep(b"hello")
    assert caught.value.status == 503
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["7"]


def test_a_broken_disk_is_no_reason_for_a_404(tmp_path: Path) -> None:
    office = Office(tmp_path)
    path = office.keep(b"hello")["path"]
    (tmp_path / "7").rename(tmp_path / "8")
    (tmp_path / "7").write_text("in the way")
    with TestClient(office.app(), follow_redirects=True) as client:
        assert client.get(path).status_code == 503


def test_an_upload_given_up_midway_leaves_nothing(tmp_path: Path) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 2 * 1024 * 1024:
                raise ValueError("closed meanwhile")
            return super().read(size)

    office = Office(tmp_path)
    with pytest.raises(Refusal) as caught:
        asyncio.run(office.files.keep(Upload("a", "text/plain", 5_000_000, Broken(bytes(5_000_000))), log=7))
    assert caught.value.status == 503
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# --------------------------------------------------------------------------------------------------------- dropping


def test_a_dropped_file_and_its_thumbnail_are_gone(office: Office, http: httpx2.Client) -> None:
    content = office.keep(picture(300, 300), name="a.png")
    address = office.files.signed_url(content["path"])
    assert http.get(content["thumbnail"]["path"]).status_code == 200
    office.drop(content["path"])
    assert [http.get(path).status_code for path in (content["path"], content["thumbnail"]["path"], address)] == [
        404
    ] * 3


def test_dropping_twice_or_what_never_was_is_nothing_special(office: Office) -> None:
    content = office.keep(b"x")
    for path in (content["path"], content["path"], "/files/7/short/a", "nonsense"):
        office.drop(path)


def test_a_folder_is_empty_again_after_its_last_file(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.drop(office.keep(picture(300, 300))["path"])
    assert list(tmp_path.iterdir()) == []


def test_dropping_one_file_leaves_the_others(office: Office, http: httpx2.Client) -> None:
    kept, dropped = office.keep(b"kept"), office.keep(b"dropped")
    office.drop(dropped["path"])
    assert http.get(kept["path"]).content == b"kept"


# ------------------------------------------------------------------------------------------------ names, all the way


def fetched(office: Office, path: str) -> httpx2.Response:
    with TestClient(office.app()) as client:
        first = client.get(f"http://testserver/{quote(path, safe='/')}", follow_redirects=False)
        assert first.status_code == 302
        assert first.headers["content-length"] == "0"
        assert first.headers["location"].startswith("/download/")
        return client.get(first.headers["location"])


@pytest.mark.parametrize(
    "name", ["plan b.png", 'say "hi".txt', "100%.txt", "a%20b.txt", "a#b?c&d=e.txt", "ü 😀.txt", "thumb", "about"]
)
def test_a_file_comes_back_under_its_name(office: Office, name: str) -> None:
    content = office.keep(b"hello", name=name)
    answer = fetched(office, content["path"])
    assert content["path"].endswith(f"/{name}")
    assert answer.content == b"hello"
    assert unquote(answer.headers["content-disposition"].partition("''")[2]) == name


@given(name=st.text(max_size=300))
@example(name="x" * 300 + ".png")
@example(name="😀" * 100)
@example(name="a/..")
@example(name=". ")
def test_any_name_is_made_safe_and_survives(name: str) -> None:
    safe = names.file_name(name)
    assert 1 <= len(safe.encode()) <= 255
    assert safe not in (".", "..")
    assert not re.search(r"[/\\\x00-\x1f\x7f]", safe)
    assert names.file_name(safe) == safe
    office = Office("memory:///")
    answer = fetched(office, office.keep(b"hello", name=name)["path"])
    assert (answer.status_code, answer.content) == (200, b"hello")


@pytest.mark.parametrize(
    "claimed, safe",
    [
        ("plan b.png", "plan b.png"),
        ("C:\\dir\\plan.png", "plan.png"),
        ("/etc/../passwd", "passwd"),
        ("a\x00b\nc\u2028d\ud800.txt", "abcd.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("👩\u200d💻.png", "👩\u200d💻.png"),
        ("..", "file"),
        ("dir/", "file"),
        (".hidden", ".hidden"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
        ("é" * 200 + ".jpeg", "é" * 125 + ".jpeg"),
        ("x." + "y" * 300, "x." + "y" * 253),
    ],
)
def test_names_are_cleaned(claimed: str, safe: str) -> None:
    assert names.file_name(claimed) == safe


@pytest.mark.parametrize("cut", ["a#b?c.txt", "a#", "a", "", "something else"])
def test_the_key_finds_a_file_whose_name_was_cut_on_the_way(office: Office, http: httpx2.Client, cut: str) -> None:
    folder = office.keep(b"hello", name="a#b?c.txt")["path"].rpartition("/")[0]
    answer = http.get(f"{folder}/{quote(cut)}")
    assert answer.content == b"hello"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%23b%3Fc.txt"


def test_doubled_slashes_at_the_front_are_forgiven(office: Office, http: httpx2.Client) -> None:
    assert http.get(f"http://testserver///{office.keep(b'hello')['path']}").content == b"hello"


@pytest.mark.parametrize(
    "path",
    [
        "/files/7/AbCdEfGhIjKlMnOpQrStU/short",
        "/files/7/AbCdEfGhIjKlMnOpQrStUvw/long",
        "/files/x/AbCdEfGhIjKlMnOpQrStUv/a",
        "/files/7/AbCdEfGhIjKlMnOpQr..Uv/a",
        "/files/7/AbCdEfGhIjKlMnOpQrStUv/a/b",
        "/files/7/AbCdEfGhIjKlMnOpQrStUv/thumb/a/b",
        "/files",
    ],
)
def test_what_is_no_path_of_a_file_is_not_found(http: httpx2.Client, path: str) -> None:
    assert http.get(path).content == NOT_FOUND_BODY


# --------------------------------------------------------------------------------------------- short-lived addresses


def test_an_address_works_for_five_to_ten_minutes(office: Office, http: httpx2.Client) -> None:
    address = office.files.signed_url(office.keep(b"hello")["path"])
    office.now = NOON + 299
    assert http.get(address).status_code == 200
    office.now = NOON + 600
    assert http.get(address).content == NOT_FOUND_BODY


def test_an_address_stays_the_same_for_a_while_so_that_pictures_are_cached(office: Office) -> None:
    path = office.keep(b"hello")["path"]
    first = office.files.signed_url(path)
    office.now += 60
    assert office.files.signed_url(path) == first
    office.now += 300
    assert office.files.signed_url(path) != first


@pytest.mark.parametrize("part", range(2, 6))
def test_no_part_of_an_address_can_be_changed(office: Office, http: httpx2.Client, part: int) -> None:
    mine = office.files.signed_url(office.keep(b"mine", log=1)["path"]).split("/")
    office.now += 3000
    other = office.files.signed_url(office.keep(b"other", log=2)["path"]).split("/")
    forged = [*other[:part], mine[part], *other[part + 1 :]]
    assert http.get("/".join(other)).status_code == 200
    assert http.get("/".join(forged)).content == NOT_FOUND_BODY


def test_the_address_of_a_thumbnail_does_not_open_the_file(office: Office, http: httpx2.Client) -> None:
    content = office.keep(picture(300, 300), name="a.png")
    address = office.files.signed_url(content["thumbnail"]["path"])
    assert http.get(address).status_code == 200
    assert http.get(address.replace("/thumb/", "/")).status_code == 404


def test_another_secret_signs_differently(office: Office) -> None:
    path = office.keep(b"hello")["path"]
    other = Files("memory:///", secret=b"other", clock=lambda: NOON)
    assert office.files.verified(unquote(other.signed_url(path))) is None


@given(st.text(), st.text("0123456789-/_abcé \n"), st.integers(0, 2**70))
def test_no_made_up_address_is_valid(rest: str, more: str, expiry: int) -> None:
    files = Files("memory:///", secret=b"secret", clock=lambda: NOON)
    key = "AbCdEfGhIjKlMnOpQrStUv"
    for path in (
        rest,
        f"/download/{expiry}/{rest}",
        f"/download/{expiry}/{'a' * 43}/7/{key}/{more}",
        f"/download/{more}",
    ):
        assert files.verified(path) is None


def test_a_bucket_serves_its_files_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "id", "SECRET_ACCESS_KEY": "key", "REGION": "eu-north-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    files = Files("s3://bucket/prefix", secret=b"secret", clock=lambda: NOON)
    address = files.signed_url("/files/7/AbCdEfGhIjKlMnOpQrStUv/thumb/plan b.png")
    assert re.match(r"https://.*bucket.*/prefix/7/AbCdEfGhIjKlMnOpQrStUv/thumb\?.*X-Amz-Signature=", address)


# -------------------------------------------------------------------------------------------------------- the bytes


def test_an_attachment_can_do_no_harm(office: Office, http: httpx2.Client) -> None:
    answer = http.get(office.keep(b"<script>alert(1)</script>", name="a.html", content_type="text/html")["path"])
    assert {
        "content-type": "text/html",
        "content-disposition": "attachment; filename*=UTF-8''a.html",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, max-age=600, immutable",
        "accept-ranges": "bytes",
        "content-length": "25",
    }.items() <= dict(answer.headers).items()


@pytest.mark.parametrize(
    "name, kind",
    [
        ("a.png", "inline"),
        ("a.jpg", "inline"),
        ("a.svg", "attachment"),
        ("a.html", "attachment"),
        ("a.pdf", "attachment"),
        ("a", "attachment"),
    ],
)
def test_only_harmless_pictures_are_shown_in_place(office: Office, http: httpx2.Client, name: str, kind: str) -> None:
    content = office.keep(b"<svg onload='alert(1)'/>", name=name)
    shown = http.get(content["path"]).headers["content-disposition"]
    assert shown == content["content_disposition"] == f"{kind}; filename*=UTF-8''{name}"


@pytest.mark.parametrize("kind, media_type", [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/png")])
def test_a_thumbnail_is_a_small_picture(office: Office, http: httpx2.Client, kind: str, media_type: str) -> None:
    content = office.keep(picture(300, 200, kind), name="plan b")
    answer = http.get(content["thumbnail"]["path"])
    assert answer.headers["content-type"] == media_type
    assert answer.headers["etag"] != http.get(content["path"]).headers["etag"]
    with Image.open(BytesIO(answer.content)) as shown:
        assert shown.size == (100, 67)


def test_what_has_no_thumbnail_has_none(office: Office, http: httpx2.Client) -> None:
    path = office.keep(b"hello", name="a")["path"].replace("/a", "/thumb/a")
    assert http.get(path).content == NOT_FOUND_BODY


def test_a_large_file_arrives_whole(office: Office, http: httpx2.Client) -> None:
    body = b"".join(number.to_bytes(4, "big") for number in range(700_000))
    assert http.get(office.keep(body)["path"]).content == body


def test_an_empty_file_arrives_empty(office: Office, http: httpx2.Client) -> None:
    answer = http.get(office.keep(b"")["path"])
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


def test_head_tells_all_but_the_bytes(office: Office, http: httpx2.Client) -> None:
    path = office.keep(b"hello")["path"]
    asked, told = http.get(path), http.head(path)
    assert dict(told.headers) == dict(asked.headers)
    assert told.content == b""


@pytest.mark.parametrize(
    "asked, content_range, content",
    [
        ("bytes=0-1", "bytes 0-1/10", b"01"),
        ("bytes=8-", "bytes 8-9/10", b"89"),
        ("bytes=-3", "bytes 7-9/10", b"789"),
        ("bytes=-99", "bytes 0-9/10", b"0123456789"),
        ("bytes=9-999999", "bytes 9-9/10", b"9"),
        ("bytes=0-9", "bytes 0-9/10", b"0123456789"),
    ],
)
def test_a_range_is_a_part(office: Office, http: httpx2.Client, asked: str, content_range: str, content: bytes) -> None:
    answer = http.get(office.keep(b"0123456789")["path"], headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (206, content_range, content)
    assert answer.headers["content-length"] == str(len(content))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=999999999999999999-"])
def test_a_range_behind_the_end_is_refused(office: Office, http: httpx2.Client, asked: str) -> None:
    answer = http.get(office.keep(b"0123456789")["path"], headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (416, "bytes */10", b"")


@pytest.mark.parametrize(
    "asked", ["bytes=-", "bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b", "bytes=" + "9" * 5000 + "-", "0-1"]
)
def test_what_is_no_single_range_gives_everything(office: Office, http: httpx2.Client, asked: str) -> None:
    answer = http.get(office.keep(b"0123456789")["path"], headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, b"0123456789")


def test_a_range_of_another_version_gives_everything(office: Office, http: httpx2.Client) -> None:
    path = office.keep(b"0123456789")["path"]
    etag = http.get(path).headers["etag"]
    for condition, status in ((etag, 206), ('"other"', 200), ("Wed, 21 Oct 2015 07:28:00 GMT", 200)):
        assert http.get(path, headers={"Range": "bytes=0-1", "If-Range": condition}).status_code == status


def test_who_has_a_file_already_is_told_so(office: Office, http: httpx2.Client) -> None:
    path = office.keep(b"hello")["path"]
    etag = http.get(path).headers["etag"]
    for condition, status in ((etag, 304), (f'"x", W/{etag}', 304), ("*", 304), ('"x"', 200)):
        answer = http.get(path, headers={"If-None-Match": condition})
        assert (answer.status_code, bool(answer.content)) == (status, status == 200)


def test_a_body_that_vanished_is_not_found(tmp_path: Path) -> None:
    office = Office(tmp_path)
    path = office.keep(b"hello")["path"]
    (body,) = tmp_path.rglob("body")
    body.unlink()
    with TestClient(office.app(), follow_redirects=True) as client:
        assert client.get(path).content == NOT_FOUND_BODY


def test_files_are_there_after_a_restart(tmp_path: Path) -> None:
    path = Office(tmp_path).keep(b"hello", name="plan b.txt")["path"]
    answer = fetched(Office(tmp_path), path)
    assert (answer.content, answer.headers["content-type"]) == (b"hello", "text/plain")


def test_nothing_is_found_where_no_file_can_be(office: Office) -> None:
    for path in ("", "/files/7/short/a", "/download/1/x/7/AbCdEfGhIjKlMnOpQrStUv/a"):
        with pytest.raises(Refusal) as caught:
            asyncio.run(office.files.find(path))
        assert caught.value.status == 404


def test_a_path_is_understood_as_it_was_made() -> None:
    address = signing.Address(7, "AbCdEfGhIjKlMnOpQrStUv", thumb=True, name="plan b.png")
    assert signing.parse(address.path) == address
