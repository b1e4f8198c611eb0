"""A file's whole way when it is kept in a bucket: uploaded by a client, stored, sent for by another, fetched."""

import base64
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

import flowdock
from flowdock.protocol.types import FileMessage
from flowdock.testing import Server
from tests.cli.programs import Running
from tests.contract.wrapper import Wrapper
from tests.server.files.bucket import Bucket
from tests.server.files.front import Front
from tests.server.files.office import picture
from tests.services.processes import until

CONTENT = bytes(range(256)) * 30_000


@pytest.fixture
def front(bucket: Bucket) -> Iterator[Front]:
    with Front(bucket.endpoint) as front:
        yield front


@pytest.fixture
def server(tmp_path: Path, bucket: Bucket, front: Front) -> Iterator[Server]:
    with Server(tmp_path / "data", files=bucket.address("files", endpoint=front.url)) as server:
        yield server


@pytest.fixture
def flow(server: Server) -> Iterator[flowdock.Flow]:
    with connected(server) as flow:
        yield flow


def connected(server: Server) -> flowdock.Flow:
    return flowdock.connect(token=server.user.token, org=server.org, flow=server.flow, api_url=server.url)


def uploaded(flow: flowdock.Flow, path: Path, content: bytes) -> FileMessage:
    path.write_bytes(content)
    message = flow.upload(path)
    assert message["event"] == "file"
    return message


def posted(server: Server, body: bytes) -> httpx2.Response:
    """The answer to an upload in JSON, tried once."""
    content = {"data": base64.b64encode(body).decode(), "content_type": "text/plain", "file_name": "a.txt"}
    return httpx2.post(
        f"{server.url}/flows/{server.org}/{server.flow}/messages",
        json={"event": "file", "content": content},
        auth=(server.user.token, ""),
    )


def test_what_is_downloaded_is_what_was_uploaded(flow: flowdock.Flow, server: Server, tmp_path: Path) -> None:
    message = uploaded(flow, tmp_path / "plan b.bin", CONTENT)
    assert message["content"]["file_size"] == len(CONTENT)
    assert flow.download(message["content"]["path"]) == CONTENT
    assert not (tmp_path / "data" / "files").exists()


def test_a_thumbnail_is_downloaded_too(flow: flowdock.Flow, tmp_path: Path) -> None:
    content = uploaded(flow, tmp_path / "a.png", picture(300, 200))["content"]
    assert flow.download(content["thumbnail"]["path"]).startswith(b"\x89PNG")


def test_a_file_in_json_gets_there_too(server: Server, flow: flowdock.Flow) -> None:
    answer = posted(server, b"hello")
    assert answer.status_code == 201
    assert flow.download(answer.json()["content"]["path"]) == b"hello"


def test_the_bucket_never_sees_a_readers_credentials(
    flow: flowdock.Flow, server: Server, front: Front, tmp_path: Path
) -> None:
    path = uploaded(flow, tmp_path / "a.txt", b"hello")["content"]["path"]
    front.asked.clear()
    assert flow.download(path) == b"hello"
    (asked,) = front.asked
    assert (asked.method, "X-Amz-Signature=" in asked.target) == ("GET", True)
    assert "authorization" not in {name.lower() for name in asked.headers}
    assert server.user.token not in f"{asked.target} {asked.headers}"


@pytest.mark.wrapper
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_original_wrapper_follows_to_the_bucket_without_its_credentials(
    server: Server, front: Front, tmp_path: Path, version: str
) -> None:
    file = tmp_path / "plan b.bin"
    file.write_bytes(CONTENT)
    wrapper = Wrapper(version, api=server.url, stream=server.stream_url)
    with closing(wrapper.process):
        flow = wrapper.flow(server.user.token, server.org, server.flow)
        path = flow.upload(str(file))["content"]["path"]
        front.asked.clear()
        assert flow.download(path) == CONTENT
    (asked,) = front.asked
    assert "authorization" not in {name.lower() for name in asked.headers}


def test_a_deleted_file_is_gone_from_the_bucket(flow: flowdock.Flow, bucket: Bucket, tmp_path: Path) -> None:
    message = uploaded(flow, tmp_path / "a.png", picture(300, 200))
    kept = f"files/{'/'.join(message['content']['path'].split('/')[2:4])}/body"
    assert bucket.has(kept)
    flow.delete(message["id"])
    until(lambda: not bucket.has(kept), "the deleted file is gone")
    with pytest.raises(flowdock.NotFound):
        flow.download(message["content"]["path"])


def test_an_upload_without_its_bucket_is_refused_and_says_nothing_in_the_flow(
    flow: flowdock.Flow, server: Server, front: Front
) -> None:
    front.refuse = lambda _: 403
    answer = posted(server, b"hello")
    assert (answer.status_code, answer.json()) == (503, {"message": "the file cannot be stored now; try again later"})
    assert flow.list(event="file") == []


def test_an_upload_outlives_an_outage_of_its_bucket(flow: flowdock.Flow, front: Front, tmp_path: Path) -> None:
    refused: list[object] = []

    def refuse_the_first_try(asked: object) -> int | None:
        refused.append(asked)
        return 403 if len(refused) == 1 else None

    front.refuse = refuse_the_first_try
    message = uploaded(flow, tmp_path / "a.txt", b"hello")
    assert flow.download(message["content"]["path"]) == b"hello"
    assert [one["id"] for one in flow.list(event="file")] == [message["id"]]


def test_a_server_that_starts_again_serves_what_is_in_the_bucket(
    flow: flowdock.Flow, server: Server, tmp_path: Path
) -> None:
    path = uploaded(flow, tmp_path / "a.txt", b"hello")["content"]["path"]
    server.stop()
    server.start()
    assert flow.download(path) == b"hello"


# ---------------------------------------------------------------------------------------------------------- starting


def test_a_server_whose_bucket_is_not_there_does_not_start_and_says_why(bucket: Bucket, tmp_path: Path) -> None:
    place = bucket.address().replace(bucket.name, "no-such-bucket")
    with closing(Running("serve", "--data", str(tmp_path), "--port", "0", "--files", place)) as running:
        ended = running.ended()
    assert ended.complaint == (
        "s3://no-such-bucket cannot be used: NoSuchBucket: The specified bucket does not exist; create it, or correct "
        "FLOWDOCK_FILES"
    )


def test_a_server_whose_bucket_is_away_starts_and_says_so(bucket: Bucket, tmp_path: Path) -> None:
    place = bucket.address(endpoint="http://127.0.0.1:1")
    with closing(Running("serve", "--data", str(tmp_path), "--port", "0", "--files", place)) as running:
        assert running.line().startswith("Flowdock is running on ")
        said = running.end().err
    assert said == (
        f"s3://{bucket.name} cannot be used: Connection refused; files are refused until it can, see FLOWDOCK_FILES\n"
    )
