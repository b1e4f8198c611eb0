"""Files in a bucket: sent in parts when they are large, fetched from the bucket itself under addresses it signs."""

import asyncio
import re
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from botocore.auth import S3SigV4QueryAuth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]
from PIL import Image

from flowdock.server.domain.refusals import Refusal
from tests.server.files.bucket import KEY, SECRET, Bucket
from tests.server.files.office import NOON, Office, picture
from tests.services.objects import REGION, ObjectStore

PART = 5 * 1024 * 1024


@pytest.fixture
def office(bucket: Bucket) -> Office:
    return Office(bucket.address("team/files"))


def fetched(office: Office, path: str) -> httpx2.Response:
    """The answer of the bucket, asked without any credentials but the address."""
    return httpx2.get(office.signed_url(path))


def body(size_bytes: int) -> bytes:
    """Bytes of which no two parts are alike."""
    return b"".join(number.to_bytes(4, "big") for number in range(size_bytes // 4 + 1))[:size_bytes]


@pytest.mark.parametrize("size_bytes", [0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 3])
def test_a_file_of_any_size_comes_back_as_it_was(office: Office, bucket: Bucket, size_bytes: int) -> None:
    content = office.keep(body(size_bytes))
    assert content["file_size"] == size_bytes
    assert fetched(office, content["path"]).content == body(size_bytes)
    assert office.body(content["path"]) == body(size_bytes)
    assert bucket.unfinished() == []


def test_a_large_file_is_sent_in_parts_and_a_small_one_is_not(office: Office, bucket: Bucket) -> None:
    small, large = (office.keep(body(size))["path"].split("/")[3] for size in (PART, PART + 1))
    # What was sent in parts has their number in its tag.
    assert re.fullmatch(r'"[0-9a-f]{32}"', bucket.headers(f"team/files/7/{small}/body")["etag"])
    assert re.fullmatch(r'"[0-9a-f]{32}-2"', bucket.headers(f"team/files/7/{large}/body")["etag"])


def test_the_bucket_is_where_a_reader_is_sent(office: Office, bucket: Bucket) -> None:
    path = office.keep(b"hello", name="plan b.txt")["path"]
    with office.http() as client:
        answer = client.get(path, follow_redirects=False)
    key = path.split("/")[3]
    assert (answer.status_code, answer.headers["cache-control"]) == (302, "no-store")
    assert answer.headers["location"].startswith(f"{bucket.endpoint}/{bucket.name}/team/files/7/{key}/body?X-Amz-")
    assert httpx2.get(answer.headers["location"]).content == b"hello"


@pytest.mark.parametrize(
    "name, media_type, kind",
    [
        ("plan b.png", "image/png", "inline"),
        ("a.svg", "image/svg+xml", "attachment"),
        ("a.html", "text/html", "attachment"),
        ("a.xhtml", "application/xhtml+xml", "attachment"),
        ("a.pdf", "application/pdf", "attachment"),
        ("a", "application/octet-stream", "attachment"),
    ],
)
def test_the_bucket_says_what_a_file_is_and_has_all_but_pictures_saved(
    office: Office, name: str, media_type: str, kind: str
) -> None:
    content = office.keep(b"<script>alert(1)</script>", name=name, content_type=media_type)
    answer = fetched(office, content["path"])
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == content["content_disposition"]
    assert answer.headers["content-disposition"].startswith(f"{kind}; filename*=UTF-8''")
    assert answer.headers["cache-control"] == "private, max-age=600, immutable"


def test_a_name_in_any_alphabet_is_what_a_reader_saves(office: Office) -> None:
    content = office.keep(b"x", name='Größe "1" 😀.txt')
    disposition = fetched(office, content["path"]).headers["content-disposition"]
    assert disposition == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22%20%F0%9F%98%80.txt"


def test_a_thumbnail_comes_from_the_bucket_too(office: Office) -> None:
    content = office.keep(picture(300, 200), name="plan b.png")
    answer = fetched(office, content["thumbnail"]["path"])
    assert answer.headers["content-type"] == "image/png"
    with Image.open(BytesIO(answer.content)) as shown:
        assert shown.size == (100, 67)


def test_the_thumbnail_of_a_picture_that_became_a_png_says_so(office: Office) -> None:
    content = office.keep(picture(300, 200, "WEBP"), name="a.webp")
    types = [fetched(office, path).headers["content-type"] for path in (content["path"], content["thumbnail"]["path"])]
    assert types == ["image/webp", "image/png"]


@pytest.mark.parametrize("start, stop", [(0, 10), (0, 1), (3, 7), (9, 10)])
def test_a_part_of_a_file_can_be_read(office: Office, start: int, stop: int) -> None:
    path = office.keep(b"0123456789")["path"]
    assert office.body(path, start=start, stop=stop) == b"0123456789"[start:stop]


def test_a_reader_who_was_cut_off_has_the_rest_from_the_bucket(office: Office) -> None:
    address = office.signed_url(office.keep(b"0123456789")["path"])
    etag = httpx2.get(address).headers["etag"]

    rest = httpx2.get(address, headers={"Range": "bytes=4-", "If-Range": etag})

    assert (rest.status_code, rest.content, rest.headers["content-range"]) == (206, b"456789", "bytes 4-9/10")
    assert rest.headers["etag"] == etag


def test_a_dropped_file_leaves_nothing(office: Office) -> None:
    content = office.keep(picture(300, 200))
    assert len(office.locations()) == 3
    office.drop(content["path"])
    assert office.locations() == set()
    assert fetched(office, content["path"]).status_code == 404


def test_what_is_not_there_is_not_found(office: Office) -> None:
    with pytest.raises(Refusal) as caught:
        office.body("/files/7/AbCdEfGhIjKlMnOpQrStUv/a")
    assert caught.value.status == 404


def test_two_teams_share_a_bucket_by_prefix(bucket: Bucket) -> None:
    one, other = Office(bucket.address("one")), Office(bucket.address("other"))
    path = one.keep(b"hello")["path"]
    assert other.locations() == set()
    other.drop(path)
    assert one.body(path) == b"hello"


def test_the_environment_says_what_the_address_does_not(
    bucket: Bucket, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in objects.environment().items():
        monkeypatch.setenv(name, value)
    office = Office(f"s3://{bucket.name}/files")
    assert fetched(office, office.keep(b"hello")["path"]).content == b"hello"


# --------------------------------------------------------------------------------------------------------- addresses


def test_an_address_stays_the_same_for_a_while_so_that_pictures_are_cached(office: Office) -> None:
    path, other = office.keep(b"hello")["path"], office.keep(b"other")["path"]
    first = office.signed_url(path)
    assert office.signed_url(other) != first
    # Addresses carry the second they were made: until the next, two of them could be the same by chance.
    while Office(office.place).signed_url(path) == first:
        pass
    office.now = NOON + 299
    assert office.signed_url(path) == first
    office.now = NOON + 300
    assert office.signed_url(path) != first


def test_an_address_works_for_ten_minutes_so_for_five_after_it_was_last_given_out(office: Office) -> None:
    address = office.signed_url(office.keep(b"hello")["path"])
    assert parse_qs(urlsplit(address).query)["X-Amz-Expires"] == ["600"]


def test_an_address_is_signed_as_amazon_wants_it(office: Office) -> None:
    """The test's store believes every signature, so Amazon's own library checks this one."""
    address, _, signature = office.signed_url(office.keep(b"hello")["path"]).rpartition("&X-Amz-Signature=")
    auth = S3SigV4QueryAuth(Credentials(KEY, SECRET), "s3", REGION)
    request = AWSRequest("GET", address, headers={"host": urlsplit(address).netloc})
    request.context["timestamp"] = parse_qs(urlsplit(address).query)["X-Amz-Date"][0]
    wanted = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    assert signature == wanted


def test_what_is_no_path_of_a_file_has_no_address(office: Office) -> None:
    with pytest.raises(Refusal) as caught:
        office.signed_url("/files/7/short/a")
    assert caught.value.status == 404


def test_many_addresses_do_not_fill_the_memory(office: Office) -> None:
    async def sign_many() -> None:
        for number in range(10_050):
            await office.files.signed_url(f"/files/{number}/AbCdEfGhIjKlMnOpQrStUv/a")

    asyncio.run(sign_many())
    assert len(office.files._signed) <= 10_000


def test_a_bucket_that_readers_cannot_reach_is_read_by_the_server(bucket: Bucket) -> None:
    office = Office(bucket.address(downloads="server"))
    path = office.keep(b"hello", name="plan b.txt")["path"]
    answer = office.fetched(path)
    assert (answer.content, answer.headers["x-content-type-options"]) == (b"hello", "nosniff")
