"""Keeping files, and dropping them: what the message says, and what is left."""

import asyncio
import re
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import Upload
from tests.server.files.office import PNG_HEAD, Office, picture, png_that_claims


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
    with office.http() as client:
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


def test_a_dropped_file_and_its_thumbnail_are_gone(office: Office, http: httpx2.Client) -> None:
    content = office.keep(picture(300, 300), name="a.png")
    address = office.signed_url(content["path"])
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
