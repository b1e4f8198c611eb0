"""Short-lived addresses of this server: who holds one may fetch one file for some minutes."""

import asyncio
from urllib.parse import unquote

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.protocol.errors import NOT_FOUND_BODY
from flowdock.server.files import Files, signing
from tests.server.files.office import NOON, Office, picture


def test_an_address_works_for_five_to_ten_minutes(office: Office, http: httpx2.Client) -> None:
    address = office.signed_url(office.keep(b"hello")["path"])
    office.now = NOON + 299
    assert http.get(address).status_code == 200
    office.now = NOON + 600
    assert http.get(address).content == NOT_FOUND_BODY


def test_an_address_stays_the_same_for_a_while_so_that_pictures_are_cached(office: Office) -> None:
    path = office.keep(b"hello")["path"]
    first = office.signed_url(path)
    office.now += 60
    assert office.signed_url(path) == first
    office.now += 300
    assert office.signed_url(path) != first


@pytest.mark.parametrize("part", range(2, 6))
def test_no_part_of_an_address_can_be_changed(office: Office, http: httpx2.Client, part: int) -> None:
    mine = office.signed_url(office.keep(b"mine", log=1)["path"]).split("/")
    office.now += 3000
    other = office.signed_url(office.keep(b"other", log=2)["path"]).split("/")
    forged = [*other[:part], mine[part], *other[part + 1 :]]
    assert http.get("/".join(other)).status_code == 200
    assert http.get("/".join(forged)).content == NOT_FOUND_BODY


def test_the_address_of_a_thumbnail_does_not_open_the_file(office: Office, http: httpx2.Client) -> None:
    content = office.keep(picture(300, 300), name="a.png")
    address = office.signed_url(content["thumbnail"]["path"])
    assert http.get(address).status_code == 200
    assert http.get(address.replace("/thumb/", "/")).status_code == 404


def test_another_secret_signs_differently(office: Office) -> None:
    path = office.keep(b"hello")["path"]
    other = Files("memory:///", secret=b"other", clock=lambda: NOON)
    assert office.files.verified(unquote(asyncio.run(other.signed_url(path)))) is None


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


def test_a_path_is_understood_as_it_was_made() -> None:
    address = signing.Address(7, "AbCdEfGhIjKlMnOpQrStUv", thumb=True, name="plan b.png")
    assert signing.parse(address.path) == address
