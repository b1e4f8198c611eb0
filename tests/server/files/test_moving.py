"""Copying files from one place to another: all of them, compared, begun again where it ended, nothing taken away."""

import asyncio
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowdock.server.files import PlaceFailed
from flowdock.server.files.moving import Copied, copy
from tests.server.files.bucket import Bucket
from tests.server.files.front import CUT_OFF, Asked, Front
from tests.server.files.office import Office, picture

PART = 5 * 1024 * 1024
PICTURE = picture(300, 200)
SIZES = (0, 1, 1000, 1024 * 1024 + 1, PART, PART + 1)


@pytest.fixture
def folder(tmp_path: Path) -> Office:
    return Office(tmp_path / "folder")


@pytest.fixture
def in_bucket(bucket: Bucket) -> Office:
    return Office(bucket.address("moved", downloads="server"))


@pytest.fixture
def front(bucket: Bucket) -> Iterator[Front]:
    with Front(bucket.endpoint) as front:
        yield front


def copied(source: Office, target: Office, *, on_progress: Callable[[Copied], object] = lambda _: None) -> Copied:
    return asyncio.run(copy(source.files, target.files, on_progress=on_progress))


def body(size_bytes: int) -> bytes:
    return (b"%08d" % size_bytes) * (size_bytes // 8) + b"." * (size_bytes % 8)


def filled(office: Office) -> dict[str, bytes]:
    """Files of every kind; the bodies by path."""
    kept = {office.keep(body(size), name=f"{size} bytes.txt", log=size)["path"]: body(size) for size in SIZES}
    return kept | {office.keep(PICTURE, name="plan b.png")["path"]: PICTURE}


def everything(office: Office) -> dict[str, bytes]:
    """Each object of a place."""

    async def get() -> dict[str, bytes]:
        objects = office.files.objects
        return {location: await objects.get(location) async for location in objects.locations()}

    return asyncio.run(get())


def test_what_goes_into_a_bucket_and_back_is_the_same(folder: Office, in_bucket: Office, tmp_path: Path) -> None:
    files = filled(folder)
    back = Office(tmp_path / "back")
    size_bytes = sum(map(len, everything(folder).values())) - sum(
        len(line) for location, line in everything(folder).items() if location.endswith("/about")
    )
    wanted = Copied(files=len(files), size_bytes=size_bytes)
    assert copied(folder, in_bucket) == wanted
    assert copied(in_bucket, back) == wanted
    assert everything(back) == everything(in_bucket) == everything(folder)
    assert {path: back.fetched(path).content for path in files} == files


def test_nothing_to_copy_is_nothing_copied(folder: Office, in_bucket: Office) -> None:
    assert copied(folder, in_bucket) == Copied()
    assert in_bucket.locations() == set()


def test_the_bucket_serves_what_was_copied_as_if_it_had_been_kept_there(
    folder: Office, in_bucket: Office, bucket: Bucket
) -> None:
    content = folder.keep(PICTURE, name="plan b.png")
    copied(folder, in_bucket)
    key = content["path"].split("/")[3]
    served = bucket.headers(f"moved/7/{key}/body")
    assert served["content-type"] == "image/png"
    assert served["content-disposition"] == content["content_disposition"]
    assert bucket.headers(f"moved/7/{key}/thumb")["content-type"] == "image/png"
    assert bucket.headers(f"moved/7/{key}/about")["content-type"] == "application/json"


def test_progress_is_told_with_each_file(folder: Office) -> None:
    for number in range(20):
        folder.keep(b"hello", log=number)
    told: list[Copied] = []
    copied(folder, Office("memory:///"), on_progress=told.append)
    assert [(one.files, one.size_bytes) for one in told] == [(number, 5 * number) for number in range(1, 21)]


# ------------------------------------------------------------------------------------------------- again and again


def test_the_second_time_only_what_is_new_is_copied(folder: Office, bucket: Bucket, front: Front) -> None:
    target = Office(bucket.address("moved", endpoint=front.url))
    for _ in range(5):
        folder.keep(b"old")
    assert copied(folder, target) == Copied(files=5, size_bytes=15)
    folder.keep(b"new!")
    front.asked.clear()
    assert copied(folder, target) == Copied(files=1, size_bytes=4, there=5)
    assert len([asked for asked in front.asked if asked.method == "PUT"]) == 2


@pytest.mark.parametrize("status", [CUT_OFF, 403, 500])
@pytest.mark.parametrize("turn", [3, 8, 15])
def test_a_copy_that_fails_goes_on_where_it_ended(
    folder: Office, bucket: Bucket, front: Front, status: int, turn: int
) -> None:
    files = filled(folder)
    puts: list[Asked] = []

    def fail_later(asked: Asked) -> int | None:
        if asked.method == "PUT":
            puts.append(asked)
        return status if len(puts) >= turn else None

    front.refuse = fail_later
    target = Office(bucket.address("moved", endpoint=front.url, downloads="server"))
    with pytest.raises(PlaceFailed):
        copied(folder, target)
    front.refuse = lambda _: None
    begun = copied(folder, target)
    assert begun.files + begun.there == len(files)
    assert everything(target) == everything(folder)
    assert copied(folder, target) == Copied(there=len(files))


def test_a_copy_that_is_interrupted_leaves_no_half_uploads_and_goes_on(
    folder: Office, bucket: Bucket, front: Front
) -> None:
    files = {folder.keep(body(4 * PART), log=number)["path"] for number in range(3)}
    target = Office(bucket.address("moved", endpoint=front.url))

    reached = threading.Event()
    front.refuse = lambda asked: reached.set() if "partNumber=2" in asked.target else None

    async def interrupted() -> None:
        copying = asyncio.create_task(copy(folder.files, target.files))
        await asyncio.to_thread(reached.wait)
        copying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await copying

    asyncio.run(interrupted())
    assert bucket.unfinished() == []
    assert copied(folder, target).files == len(files)
    assert everything(target) == everything(folder)


def test_an_interrupted_copy_back_leaves_no_half_files(in_bucket: Office, bucket: Bucket, tmp_path: Path) -> None:
    in_bucket.keep(body(PART))
    path = in_bucket.keep(body(2 * PART))["path"]
    with Front(bucket.endpoint, lambda asked: 403 if path.split("/")[3] + "/body" in asked.target else None) as front:
        source = Office(bucket.address("moved", endpoint=front.url))
        with pytest.raises(PlaceFailed):
            copied(source, Office(tmp_path))
    assert not any(path.split("/")[3] in str(one) for one in tmp_path.rglob("body*"))
    copied(in_bucket, Office(tmp_path))
    assert everything(Office(tmp_path)) == everything(in_bucket)


# ------------------------------------------------------------------------------------------------------ what is wrong


def test_a_body_that_arrives_otherwise_is_noticed(folder: Office, bucket: Bucket, front: Front) -> None:
    key = folder.keep(b"hello")["path"].split("/")[3]

    def replace_it(asked: Asked) -> None:
        if asked.method == "GET" and asked.target.endswith("/body"):
            bucket.put(f"moved/7/{key}/body", b"jello")

    front.refuse = replace_it
    target = Office(bucket.address("moved", endpoint=front.url))
    with pytest.raises(PlaceFailed, match=rf"^7/{key}/body is not in s3://{bucket.name}/moved as it was sent there"):
        copied(folder, target)
    assert f"7/{key}/about" not in target.locations()
    front.refuse = lambda _: None
    assert copied(folder, target) == Copied(files=1, size_bytes=5)


def test_a_body_that_lost_bytes_at_the_target_is_copied_again(
    folder: Office, in_bucket: Office, bucket: Bucket
) -> None:
    path = folder.keep(b"hello")["path"]
    copied(folder, in_bucket)
    bucket.put(f"moved/7/{path.split('/')[3]}/body", b"hell")
    assert copied(folder, in_bucket) == Copied(files=1, size_bytes=5)
    assert in_bucket.body(path) == b"hello"


def test_damaged_files_are_left_out_and_named(
    folder: Office, in_bucket: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = {kind: folder.keep(PICTURE)["path"].split("/")[3] for kind in ("short", "gone", "no thumb", "no json", "")}
    within = tmp_path / "folder" / "7"
    (within / kept["short"] / "body").write_bytes(PICTURE[:-1])
    (within / kept["gone"] / "body").unlink()
    (within / kept["no thumb"] / "thumb").unlink()
    (within / kept["no json"] / "about").write_text("nonsense")
    assert copied(folder, in_bucket).damaged == 4
    assert {location.split("/")[1] for location in in_bucket.locations() if location.endswith("/about")} == {kept[""]}
    for kind in ("short", "gone", "no thumb", "no json"):
        assert f"7/{kept[kind]} in {tmp_path / 'folder'} is left out: " in caplog.text


def test_a_file_that_is_dropped_meanwhile_is_not_missed(folder: Office, bucket: Bucket, front: Front) -> None:
    path = folder.keep(PICTURE)["path"]

    def drop_it(asked: Asked) -> None:
        if asked.method == "PUT":
            folder.drop(path)

    front.refuse = drop_it
    target = Office(bucket.address("moved", endpoint=front.url))
    assert copied(folder, target) == Copied()
    assert target.locations() == set()


def test_what_is_no_file_stays_where_it_is(folder: Office, tmp_path: Path) -> None:
    folder.keep(b"hello")
    (tmp_path / "folder" / "about").write_text("somebody's notes")
    (tmp_path / "folder" / "check").mkdir()
    (tmp_path / "folder" / "check" / "about").write_text("{}")
    target = Office("memory:///")
    assert copied(folder, target).files == 1
    assert len(target.locations()) == 2


def test_a_source_that_cannot_be_listed_is_told(bucket: Bucket) -> None:
    source = Office(bucket.address().replace(bucket.name, "no-such-bucket"))
    with pytest.raises(PlaceFailed, match=r"^s3://no-such-bucket cannot be used: NoSuchBucket"):
        copied(source, Office("memory:///"))


def test_memory_does_not_grow_with_what_is_copied(tmp_path: Path) -> None:
    folder, target = Office(tmp_path / "from"), Office(tmp_path / "to")
    for number in range(6):
        folder.keep(bytes(16 * 1024 * 1024), log=number)
    tracemalloc.start()
    try:
        copied(folder, target)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024
