"""Where files can be kept: what an address means, and what is said of one that means nothing."""

import asyncio
import json
import re
import traceback
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import example, given
from hypothesis import strategies as st
from obstore.store import S3Store

from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import PlaceFailed
from flowdock.server.files.places import open_place, shown
from tests.server.files.office import Office

PATH = "/files/7/AbCdEfGhIjKlMnOpQrStUv/plan b.png"
SECRET = "c2VjcmV0IGtleQ=="


def failure(place: str | Path) -> str:
    with pytest.raises(PlaceFailed) as caught:
        open_place(place)
    assert not caught.value.passing
    return str(caught.value)


@pytest.mark.parametrize(
    "place, as_people_read_it",
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/team/files?secret_access_key=abc&endpoint=https://x", "s3://bucket/team/files"),
        ("s3://bucket?secret_access_key=a/b@c", "s3://bucket"),
        ("s3://id:secret@bucket/p", "s3://…"),
        ("s3://id:sec/ret@bucket/p", "s3://…"),
        ("s3://id:sec?ret@bucket/p?region=a@b", "s3://…"),
        ("s3://id@bucket/p", "s3://bucket/p"),
        ("s3://bucket#secret", "s3://bucket"),
        ("s3://bucket/a@b/p", "s3://bucket/a@b/p"),
        ("gs://bucket/p", "gs://bucket/p"),
        (
            "abfss://container@account.dfs.core.windows.net/p?sas_key=abc",
            "abfss://container@account.dfs.core.windows.net/p",
        ),
        ("abfss://container:secret@account.dfs.core.windows.net/p", "abfss://…"),
        ("/srv/files", "/srv/files"),
        (Path("files"), "files"),
    ],
)
def test_a_place_is_shown_without_what_might_be_secret(place: str | Path, as_people_read_it: str) -> None:
    assert shown(place) == as_people_read_it


# ---------------------------------------------------------------------------------------------------------- folders


@pytest.mark.parametrize("form", ["{}/a b/files", "file://{}/a%20b/files"])
def test_a_folder_is_made(tmp_path: Path, form: str) -> None:
    office = Office(form.format(tmp_path))
    office.keep(b"hello")
    assert len(list((tmp_path / "a b" / "files").rglob("body"))) == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("in the way")
    said = failure(tmp_path / "a")
    assert said == f"files cannot be kept in {tmp_path / 'a'}: File exists (os error 17); choose another folder"


# ---------------------------------------------------------------------------------------------------------- buckets


def test_an_address_on_amazon_says_bucket_and_region() -> None:
    office = Office(f"https://bucket.s3.eu-north-1.amazonaws.com/p?access_key_id=id&secret_access_key={quote(SECRET)}")
    address = urlsplit(office.signed_url(PATH))
    assert address.netloc == "bucket.s3.eu-north-1.amazonaws.com"
    assert address.path == "/p/7/AbCdEfGhIjKlMnOpQrStUv/body"
    assert parse_qs(address.query)["X-Amz-Credential"][0].endswith("/eu-north-1/s3/aws4_request")


@pytest.mark.parametrize(
    "place", ["az://container/p?account_name=acme", "abfss://container@acme.dfs.core.windows.net/p?"]
)
def test_azure_signs_addresses_too(place: str) -> None:
    address = urlsplit(Office(f"{place}&account_key={SECRET}").signed_url(PATH))
    assert address.netloc == "acme.blob.core.windows.net"
    assert address.path == "/container/p/7/AbCdEfGhIjKlMnOpQrStUv/body"
    assert parse_qs(address.query).keys() >= {"se", "sig"}


def test_a_container_says_to_whom_it_belongs_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "acme")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", SECRET)
    assert Office("az://container").signed_url(PATH).startswith("https://acme.blob.core.windows.net/container/7/")


@pytest.fixture(scope="module")
def account() -> str:
    """A service account of Google's, with a key that nobody else has."""
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return json.dumps(
        {
            "type": "service_account",
            "private_key": key.decode(),
            "private_key_id": "1",
            "client_email": "files@acme.iam.gserviceaccount.com",
            "client_id": "1",
        }
    )


def test_google_signs_addresses_too(account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "account.json").write_text(account)
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
    address = urlsplit(Office("gs://bucket/p").signed_url(PATH.replace("plan", "thumb/plan")))
    assert (address.netloc, address.path) == ("storage.googleapis.com", "/bucket/p/7/AbCdEfGhIjKlMnOpQrStUv/thumb")
    assert parse_qs(address.query)["X-Goog-Expires"] == ["600"]


def test_credentials_that_cannot_sign_are_refused_with_a_reason(caplog: pytest.LogCaptureFixture) -> None:
    office = Office("az://container?account_name=acme&sas_key=sv%3D2020%26sig%3Dabcdef")
    with pytest.raises(Refusal) as caught:
        office.signed_url(PATH)
    assert caught.value.status == 503
    assert "Generating SAS keys with SAS tokens auth is not supported" in caplog.text
    assert "abcdef" not in caplog.text


def test_such_credentials_will_do_when_the_server_hands_out_the_files() -> None:
    office = Office("az://container?account_name=acme&sas_key=sv%3D2020%26sig%3Dabcdef&downloads=server")
    assert office.signed_url(PATH).startswith("/download/")


@pytest.mark.parametrize("written", ["a+b/c=", "a%2Bb%2Fc%3D"])
def test_a_plus_in_a_secret_is_a_plus(written: str) -> None:
    store = open_place(f"s3://bucket?access_key_id=id&secret_access_key={written}").store
    assert isinstance(store, S3Store)
    assert store.config["secret_access_key"] == "a+b/c="


# ------------------------------------------------------------------------------------------------ addresses of nothing


@pytest.mark.parametrize(
    "place, why",
    [
        ("s4://bucket", "files are not kept by s4"),
        ("s3://[bucket/p", "Invalid IPv6 URL"),
        ("http://files.example.com/p", "files are not kept by http"),
        ("https://files.example.com/p", "this is no object store"),
        ("s3://id:secret@bucket", "credentials do not go before an @, but into the environment or the query"),
        ("s3://bucket?secret_access_key=secret#1", "there is a # in it; write it as %23"),
        ("s3://bucket?regoin=eu-north-1", "Configuration key: 'regoin' is not valid for store 'S3'"),
        ("s3://bucket?downloads=no", "downloads is 'no', and can be bucket or server"),
        ("s3://bucket?endpoint=minio", "endpoint is 'minio', which is no address such as https://minio.example.com"),
        ("az://container", "Generic MicrosoftAzure error: Account must be specified"),
        ("gs://bucket?service_account=/no/such/file", "No such file or directory"),
    ],
)
def test_what_is_no_address_of_files_is_told(place: str, why: str) -> None:
    said = failure(place)
    assert said == (
        f"files cannot be kept in {shown(place)}: {why}; FLOWDOCK_FILES takes a folder, or an address such as "
        "s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
    )


def test_an_address_without_a_bucket_is_told() -> None:
    assert failure("s3:///prefix").startswith("files cannot be kept in s3:///prefix: ")


def test_an_endpoint_of_the_environment_that_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "minio:9000")
    assert "AWS_ENDPOINT_URL is 'minio:9000', which is no address such as" in failure("s3://bucket")


@given(
    st.sampled_from(
        [
            "s3://bucket?access_key_id=x&secret_access_key={}&regoin=x",
            "s3://bucket?secret_access_key={}&virtual_hosted_style_request=maybe",
            "s3://bucket?session_token={}&endpoint=nowhere",
            "s3://bucket?secret_access_key={}#",
            "s3://user:{}@bucket/p",
            "https://files.example.com/?password={}",
            "s4://user:{}@host/?key={}",
            "az://container?account_name=a&account_key=!{}",
            "az://container?sas_key={}",
            "gs://bucket?service_account_key={}",
            "gs://bucket?service_account_key=%22{}%22",
        ]
    ),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12),
    st.sampled_from(["", "/", "+", "=", ":", "@", "?", "#", "%2F", "//"]),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12),
)
@example("gs://bucket?service_account_key=%22{}%22", "0" * 15, "/", "A" * 100)
@example("gs://bucket?service_account_key=%22{}%22", "0" * 15, "?", "A" * 12)
def test_no_failure_tells_a_secret(place: str, first: str, between: str, last: str) -> None:
    place = place.replace("{}", f"{first}{between}{last}")
    try:
        said = Office(place).files.objects.name
    except PlaceFailed as error:
        said = "".join(traceback.format_exception(error, limit=0))
    assert first not in said
    assert last not in said


def test_what_a_store_says_at_length_is_told_in_a_line() -> None:
    office = Office("s3://bucket?endpoint=http://127.0.0.1:1&access_key_id=x&secret_access_key=y")
    with pytest.raises(PlaceFailed) as caught:
        asyncio.run(office.files.objects.get("x"))
    assert re.fullmatch(r"s3://bucket cannot be used: Connection refused", str(caught.value))
    assert caught.value.passing
