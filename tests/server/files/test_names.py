"""Names of files, all the way: from whatever an uploader claimed to what a reader saves."""

import re
from urllib.parse import quote, unquote

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowdock.protocol.errors import NOT_FOUND_BODY
from flowdock.server.files import names
from tests.server.files.office import Office


@pytest.mark.parametrize(
    "name", ["plan b.png", 'say "hi".txt', "100%.txt", "a%20b.txt", "a#b?c&d=e.txt", "ü 😀.txt", "thumb", "about"]
)
def test_a_file_comes_back_under_its_name(office: Office, name: str) -> None:
    content = office.keep(b"hello", name=name)
    answer = office.fetched(content["path"])
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
    answer = office.fetched(office.keep(b"hello", name=name)["path"])
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
