"""A bucket that fails: what was asked for is refused, nothing half is left, and a line of the log says why."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import pytest

from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import PlaceFailed
from tests.server.files.bucket import KEY, SECRET, Bucket
from tests.server.files.front import CUT_OFF, Asked, Front
from tests.server.files.office import Office, picture, upload
from tests.services.objects import ObjectStore

PART = 5 * 1024 * 1024
LARGE = bytes(2 * PART + 1)
NOBODY = "http://127.0.0.1:1"
PATH = "/files/7/AbCdEfGhIjKlMnOpQrStUv/a"


@pytest.fixture
def front(bucket: Bucket) -> Iterator[Front]:
    with Front(bucket.endpoint) as front:
        yield front


@pytest.fixture
def office(bucket: Bucket, front: Front) -> Office:
    return Office(bucket.address("files", endpoint=front.url))


@pytest.fixture
def strict(bucket: Bucket) -> Iterator[Bucket]:
    """The bucket of a store that knows nobody's key."""
    with ObjectStore() as objects:
        bucket = Bucket(objects, bucket.name)
        connection = HTTPConnection("127.0.0.1", objects.port)
        connection.request("POST", "/moto-api/reset-auth", "0")
        assert connection.getresponse().status == 200
        connection.close()
        yield bucket


def refusal(act: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.status, caught.value.message


def all_of(*words: str) -> Callable[[Asked], bool]:
    return lambda asked: all(word in str(asked) for word in words)


def once(status: int, which: Callable[[Asked], bool]) -> Callable[[Asked], int | None]:
    left = [status]
    return lambda asked: left.pop() if left and which(asked) else None


# ------------------------------------------------------------------------------------------------------ whole buckets


def test_a_bucket_that_is_not_there_is_no_reason_for_a_404(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    office = Office(bucket.address().replace(bucket.name, "no-such-bucket"))
    assert refusal(lambda: office.keep(b"hello")) == (503, "the file cannot be stored now; try again later")
    assert refusal(lambda: office.body(PATH)) == (503, "the file cannot be fetched now; try again later")
    assert caplog.messages[-1] == (
        "the file cannot be fetched: s3://no-such-bucket cannot be used: NoSuchBucket: The specified bucket does not "
        "exist; create it, or correct FLOWDOCK_FILES"
    )


def test_a_store_that_is_gone_refuses_files(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    office = Office(bucket.address(endpoint=NOBODY))
    assert refusal(lambda: office.keep(b"hello"))[0] == 503
    assert refusal(lambda: office.body(PATH))[0] == 503
    assert f"the file cannot be stored: s3://{bucket.name} cannot be used: Connection refused" in caplog.messages


def test_a_file_is_still_there_when_its_store_comes_back(bucket: Bucket) -> None:
    with Front(bucket.endpoint) as front:
        office = Office(bucket.address(endpoint=front.url))
        path = office.keep(b"hello")["path"]
        front.refuse = lambda _: CUT_OFF
        assert refusal(lambda: office.body(path))[0] == 503
        front.refuse = lambda _: None
        assert office.body(path) == b"hello"


def test_a_wrong_key_refuses_files_and_is_told_to_nobody(strict: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    office = Office(strict.address("files"))
    assert refusal(lambda: office.keep(b"hello")) == (503, "the file cannot be stored now; try again later")
    assert refusal(lambda: office.body(PATH)) == (503, "the file cannot be fetched now; try again later")
    office.drop(PATH)
    told = " ".join(caplog.messages)
    assert f"s3://{strict.name}/files cannot be used: InvalidAccessKeyId: " in told
    assert "its credentials must allow to read, write, list and delete there" in told
    assert SECRET not in told
    assert KEY not in told


def test_without_credentials_there_are_no_addresses(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    office = Office(f"s3://{bucket.name}?endpoint={bucket.endpoint}&metadata_endpoint={NOBODY}")
    with office.http() as client:
        assert client.get(PATH).status_code == 503
    assert "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in caplog.messages[-1]


# --------------------------------------------------------------------------------------------------- halves of files


@pytest.mark.parametrize(
    "step",
    [
        all_of("POST", "?uploads"),
        all_of("PUT", "/body?", "partNumber=1"),
        all_of("PUT", "/body?", "partNumber=2"),
        all_of("PUT", "/body?", "partNumber=3"),
        all_of("POST", "/body?", "uploadId="),
        all_of("PUT", "/about"),
    ],
    ids=["beginning", "first part", "second part", "last part", "end", "about"],
)
def test_a_large_file_that_fails_midway_leaves_nothing(
    office: Office, front: Front, bucket: Bucket, step: Callable[[Asked], bool]
) -> None:
    front.refuse = lambda asked: 403 if step(asked) else None
    assert refusal(lambda: office.keep(LARGE))[0] == 503
    assert any(map(step, front.asked))
    assert bucket.unfinished() == []
    assert office.locations() == set()


@pytest.mark.parametrize("part", ["body", "thumb", "about"])
def test_a_picture_that_fails_midway_leaves_nothing(office: Office, front: Front, part: str) -> None:
    front.refuse = lambda asked: 403 if all_of("PUT", f"/{part}")(asked) else None
    assert refusal(lambda: office.keep(picture(300, 300)))[0] == 503
    assert office.locations() == set()


@pytest.mark.parametrize("status", [500, 503, 429, CUT_OFF])
def test_a_hiccup_goes_unnoticed(office: Office, front: Front, status: int) -> None:
    front.refuse = once(status, all_of("PUT", "partNumber=2"))
    assert office.body(office.keep(LARGE)["path"]) == LARGE
    assert len([asked for asked in front.asked if all_of("PUT", "partNumber=2")(asked)]) == 2


def test_an_upload_that_is_cancelled_leaves_nothing(office: Office, front: Front, bucket: Bucket) -> None:
    reached = threading.Event()
    front.refuse = lambda asked: reached.set() if all_of("PUT", "partNumber=1")(asked) else None

    async def cancelled() -> None:
        keeping = asyncio.create_task(office.files.keep(upload(bytes(8 * PART)), log=7))
        await asyncio.to_thread(reached.wait)
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping

    asyncio.run(cancelled())
    assert bucket.unfinished() == []
    assert office.locations() == set()


def test_what_cannot_be_removed_is_logged_and_stays_whole(
    office: Office, front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    path = office.keep(b"hello")["path"]
    front.refuse = lambda asked: 403 if asked.method in ("POST", "DELETE") else None
    office.drop(path)
    assert "stays behind, because it cannot be removed" in caplog.text
    assert office.body(path) == b"hello"


def test_a_file_of_which_only_a_part_was_removed_is_not_found(office: Office, front: Front) -> None:
    path = office.keep(picture(300, 300))["path"]
    removals: list[Asked] = []

    def refuse_but_one(asked: Asked) -> int | None:
        if asked.method == "POST":
            removals.append(asked)
        return 403 if len(removals) > 1 else None

    front.refuse = refuse_but_one
    office.drop(path)
    front.refuse = lambda _: None
    assert len(office.locations()) == 2
    assert refusal(lambda: office.body(path))[0] == 404


# ---------------------------------------------------------------------------------------------------------- at start


def check(office: Office) -> None:
    asyncio.run(office.files.objects.check())


def test_a_bucket_that_can_be_used_passes_the_check_and_stays_empty(office: Office, bucket: Bucket) -> None:
    check(office)
    assert office.locations() == set()


def test_a_folder_passes_the_check() -> None:
    check(Office("memory:///"))


def test_a_bucket_that_is_not_there_fails_the_check(bucket: Bucket) -> None:
    office = Office(bucket.address().replace(bucket.name, "no-such-bucket"))
    with pytest.raises(PlaceFailed, match=r"^s3://no-such-bucket cannot .*; create it, or correct FLOWDOCK_FILES$"):
        check(office)


def test_a_wrong_key_fails_the_check(strict: Bucket) -> None:
    with pytest.raises(PlaceFailed, match=r"InvalidAccessKeyId: .*; its credentials must allow to read, ") as caught:
        check(Office(strict.address()))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("method", ["PUT", "GET", "POST"])
def test_a_key_that_may_not_write_or_read_or_delete_fails_the_check(office: Office, front: Front, method: str) -> None:
    front.refuse = lambda asked: 403 if asked.method == method else None
    with pytest.raises(PlaceFailed, match="it answered 403; its credentials must allow"):
        check(office)


def test_no_key_at_all_fails_the_check(bucket: Bucket) -> None:
    with pytest.raises(PlaceFailed, match="there are no credentials: set AWS_ACCESS_KEY_ID"):
        check(Office(f"s3://{bucket.name}?endpoint={bucket.endpoint}&metadata_endpoint={NOBODY}"))


def test_a_bucket_for_which_no_address_can_be_signed_fails_the_check(bucket: Bucket) -> None:
    bucket.open_to_everybody()
    nobody = f"s3://{bucket.name}?endpoint={bucket.endpoint}&metadata_endpoint={NOBODY}&skip_signature=true"
    check(Office(f"{nobody}&downloads=server"))
    with pytest.raises(PlaceFailed, match="there are no credentials: set AWS_ACCESS_KEY_ID"):
        check(Office(nobody))


def test_a_store_that_is_out_of_reach_lets_the_server_start(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    check(Office(bucket.address(endpoint=NOBODY)))
    (said,) = caplog.records
    assert said.levelname == "ERROR"
    assert said.message == (
        f"s3://{bucket.name} cannot be used: Connection refused; files are refused until it can, see FLOWDOCK_FILES"
    )
