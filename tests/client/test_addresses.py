from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.client import addresses
from flowdock.protocol.errors import ConnectionFailed

API = "https://api.example/base"


@pytest.mark.parametrize(
    "path,url",
    [
        ("/files/1/key/a.png", f"{API}/files/1/key/a.png"),
        ("files/1/key/a.png", f"{API}/files/1/key/a.png"),
        ("//files/1/key/a.png", f"{API}/files/1/key/a.png"),
        ("/files/1/key/plan b (1).png", f"{API}/files/1/key/plan%20b%20(1).png"),
        ("/files/1/key/100%.png", f"{API}/files/1/key/100%25.png"),
        ("/files/1/key/what?#.png", f"{API}/files/1/key/what%3F%23.png"),
        ("/files/1/key/ø.png", f"{API}/files/1/key/%C3%B8.png"),
        ("https://api.example/files/1/key/a%20b.png", "https://api.example/files/1/key/a%20b.png"),
        ("https://api.example:443/files/1", "https://api.example:443/files/1"),
    ],
)
def test_where_a_file_is(path: str, url: str) -> None:
    assert addresses.file_url(API, path) == url


@pytest.mark.parametrize(
    "path",
    ["http://api.example/files/1", "https://api.example:8443/files/1", "https://evil.example/x", "ftp://api.example/x"],
)
def test_an_address_on_another_server_is_no_file_of_ours(path: str) -> None:
    with pytest.raises(ValueError, match=r"is not on https://api\.example/base; a path such as"):
        addresses.file_url(API, path)


@pytest.mark.parametrize("path", ["", "/", "/files/../x", "..", "/files/./x"])
def test_a_path_that_climbs_is_no_file(path: str) -> None:
    with pytest.raises(ValueError, match="is not the path of a file"):
        addresses.file_url(API, path)


@given(path=st.text())
def test_no_path_leads_to_another_server(path: str) -> None:
    try:
        url = addresses.file_url(API, path)
    except ValueError:
        return
    assert addresses.same_origin(url, API)
    assert url.isascii()


@pytest.mark.parametrize(
    "location,target",
    [
        ("/signed?x=1", "https://api.example/signed?x=1"),
        ("other", "https://api.example/files/1/key/other"),
        ("//store.example/a", "https://store.example/a"),
        ("http://store.example/a?b=c", "http://store.example/a?b=c"),
    ],
)
def test_where_a_redirection_leads(location: str, target: str) -> None:
    assert addresses.redirected("https://api.example/files/1/key/a.png", location) == target


@pytest.mark.parametrize("location", [None, "", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://["])
def test_a_redirection_that_leads_nowhere_is_a_failure(location: str | None) -> None:
    with pytest.raises(ConnectionFailed, match="which is not a web address"):
        addresses.redirected("https://api.example/files/1/key/a.png", location)


@pytest.mark.parametrize(
    "one,other,same",
    [
        ("https://a.example/x", "https://a.example:443/y", True),
        ("http://A.example", "http://a.example:80/", True),
        ("http://a.example", "https://a.example", False),
        ("http://a.example:3569", "http://a.example:3570", False),
        ("http://a.example:443", "https://a.example:443", False),
        ("http://a.example", "http://b.a.example", False),
        ("http://a.example", "http://a.example@evil.example", False),
    ],
)
def test_what_is_the_same_server(one: str, other: str, *, same: bool) -> None:
    assert addresses.same_origin(one, other) is same


@pytest.mark.parametrize(
    "path,name",
    [
        ("/files/1/key/plan b.png", "plan b.png"),
        ("https://api.example/files/1/key/a.png?x=/y", "a.png"),
        ("/files/1/key/..\\..\\evil", ".._.._evil"),
        ("/files/1/key/a:b\x00c", "a_b_c"),
        ("/files/1/key/..", "file"),
        ("/files/1/key/. .", "file"),
        ("", "file"),
    ],
)
def test_the_name_under_which_a_file_is_stored(path: str, name: str) -> None:
    assert addresses.file_name(path) == name


@given(path=st.text())
def test_no_name_leaves_its_folder_or_is_too_long(path: str) -> None:
    name = addresses.file_name(path)

    assert name not in {"", ".", ".."}
    assert Path(name).name == name
    assert len(name.encode()) <= addresses.LONGEST_NAME


def test_a_folder_gets_the_file_under_its_own_name(tmp_path: Path) -> None:
    assert addresses.target_of(tmp_path, "/files/1/key/a.png") == tmp_path / "a.png"
    assert addresses.target_of(f"{tmp_path}/new/", "/files/1/key/a.png") == tmp_path / "new" / "a.png"
    assert addresses.target_of(tmp_path / "b.png", "/files/1/key/a.png") == tmp_path / "b.png"
