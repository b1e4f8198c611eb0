"""The bytes, as this server hands them out: whole, in ranges, and so that they can do no harm."""

import asyncio
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from flowdock.protocol.errors import NOT_FOUND_BODY
from flowdock.server.domain.refusals import Refusal
from tests.server.files.office import Office, picture


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
    with office.http() as client:
        assert client.get(path).content == NOT_FOUND_BODY


def test_files_are_there_after_a_restart(tmp_path: Path) -> None:
    path = Office(tmp_path).keep(b"hello", name="plan b.txt")["path"]
    answer = Office(tmp_path).fetched(path)
    assert (answer.content, answer.headers["content-type"]) == (b"hello", "text/plain")


def test_nothing_is_found_where_no_file_can_be(office: Office) -> None:
    for path in ("", "/files/7/short/a", "/download/1/x/7/AbCdEfGhIjKlMnOpQrStUv/a"):
        with pytest.raises(Refusal) as caught:
            asyncio.run(office.files.find(path))
        assert caught.value.status == 404
