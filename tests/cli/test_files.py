import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import flowdock
from flowdock import Flow
from flowdock.testing import Account, Server
from tests.cli.programs import SECONDS, Run

CONTENT = bytes(range(256)) * 5000


@pytest.fixture
def diagram(tmp_path: Path) -> Path:
    path = tmp_path / "diagram one.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the commands run."""
    path = tmp_path / "folder"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def test_each_file_is_uploaded_and_the_numbers_of_the_messages_are_printed(
    alice: Account, flow: Flow, run: Run, diagram: Path
) -> None:
    uploaded = run("upload", str(diagram), __file__)

    first, second = (flow.show(int(number)) for number in uploaded.out.split())
    assert uploaded.err == ""
    assert first["event"] == second["event"] == "file"
    assert first["content"]["file_name"] == "diagram one.bin"
    assert flow.download(first["content"]["path"]) == CONTENT


def test_with_json_each_message_is_printed_in_one_line(alice: Account, flow: Flow, run: Run, diagram: Path) -> None:
    uploaded = run("upload", str(diagram), str(diagram), "--json")

    assert [json.loads(line) for line in uploaded.out.splitlines()] == flow.list(event="file")


def test_a_file_can_be_a_reply_or_private(server: Server, alice: Account, flow: Flow, run: Run, diagram: Path) -> None:
    first = flow.send("where is the diagram?")

    reply = run("upload", str(diagram), "--thread", str(first["id"]))
    run("upload", str(diagram), "--to", "bob")

    assert flow.show(int(reply.out))["thread_id"] == first["thread_id"]
    with flowdock.connect(token=server.second_user.token, uid=alice.id, api_url=server.url) as private:
        assert [message["event"] for message in private.list()] == ["file"]


def test_standard_input_is_uploaded_under_the_name_that_is_given(server: Server, alice: Account, flow: Flow) -> None:
    command = [sys.executable, "-m", "flowdock", "upload", "-", "--name", "dump.sql"]

    number = subprocess.run(command, check=True, input=CONTENT, capture_output=True, timeout=SECONDS).stdout

    content: Any = flow.show(int(number))["content"]
    assert content["file_name"] == "dump.sql"
    assert flow.download(content["path"]) == CONTENT


def test_a_name_is_needed_for_standard_input_and_is_for_one_file_only(alice: Account, run: Run, diagram: Path) -> None:
    assert run("upload", "-").complaint.startswith("what comes from standard input has no name; give one with --name")
    assert run("upload", str(diagram), "-", "--name", "a").complaint.startswith("2 files cannot all be named 'a'")


def test_nothing_is_uploaded_when_one_of_several_files_is_missing(
    alice: Account, flow: Flow, run: Run, diagram: Path
) -> None:
    complaint = run("upload", str(diagram), "missing.png").complaint

    assert complaint == "'missing.png' is not a file that can be read; nothing was uploaded"
    assert flow.list(event="file") == []


def test_a_file_is_downloaded_under_its_own_name(
    alice: Account, flow: Flow, run: Run, diagram: Path, folder: Path
) -> None:
    content = flow.upload(diagram)["content"]
    assert isinstance(content, dict)

    downloaded = run("download", str(content["path"]))

    assert (downloaded.code, downloaded.out, downloaded.err) == (0, "diagram one.bin\n", "")
    assert (folder / "diagram one.bin").read_bytes() == CONTENT


def test_a_file_is_found_by_the_number_of_its_message(
    alice: Account, flow: Flow, run: Run, diagram: Path, tmp_path: Path
) -> None:
    number = str(flow.upload(diagram)["id"])

    downloaded = run("download", number, "--to", str(tmp_path / "copy"))

    assert downloaded.out == f"{tmp_path / 'copy'}\n"
    assert (tmp_path / "copy").read_bytes() == CONTENT


def test_a_download_to_a_dash_is_standard_output(server: Server, alice: Account, flow: Flow, diagram: Path) -> None:
    number = str(flow.upload(diagram)["id"])

    command = [sys.executable, "-m", "flowdock", "download", number, "--to", "-"]

    assert subprocess.run(command, check=True, capture_output=True, timeout=SECONDS).stdout == CONTENT


def test_a_name_that_somebody_else_chose_replaces_no_file(
    alice: Account, flow: Flow, run: Run, diagram: Path, folder: Path
) -> None:
    number = str(flow.upload(diagram)["id"])
    (folder / "diagram one.bin").write_text("mine")

    complaint = run("download", number).complaint
    replaced = run("download", number, "--to", "diagram one.bin")

    assert complaint == "'diagram one.bin' exists already; give another name with --to, or this one to replace it"
    assert replaced.code == 0
    assert (folder / "diagram one.bin").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "words, complaint",
    [
        (("/files/1/nowhere/a",), "no file '/files/1/nowhere/a' for this token; 'flowdock list --event file' shows"),
        (("..",), "'..' is not the path of a file, such as /files/1/key/name"),
        (("http://elsewhere.example/a",), "'http://elsewhere.example/a' is not on http://127.0.0.1"),
        (("/files/1/a/a", "--to", "no/such/a"), "there is no folder 'no/such'; make it first, or give another one"),
        (("4711",), "there is no message 4711 in acme/main; 'flowdock list' shows the newest"),
        (("3",), "message 3 is not a file; 'flowdock list --event file' shows those that are"),
    ],
)
def test_what_cannot_be_downloaded_is_named(
    alice: Account, run: Run, folder: Path, words: tuple[str, ...], complaint: str
) -> None:
    assert run("download", *words).complaint.startswith(complaint)
    assert list(folder.iterdir()) == []


def test_who_watches_an_upload_sees_how_far_it_is(alice: Account, diagram: Path) -> None:
    watching, watched = os.openpty()
    command = [sys.executable, "-m", "flowdock", "upload", str(diagram)]

    uploaded = subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=watched, timeout=SECONDS
    )

    os.close(watched)
    seen = os.read(watching, 1 << 16).decode()
    os.close(watching)
    assert "diagram one.bin" in seen
    assert "1.3/1.3 MB" in seen
    assert uploaded.stdout.strip().isdigit()
