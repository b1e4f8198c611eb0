import hmac
import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

import flowdock
from flowdock import actions

SECRET = "0123456789abcdef0123456789abcdef"
BODY = b'{"@type":"UpdateAction","name":"Retry"}'
NOW = 1_600_000_000


def claims(**changed: object) -> dict[str, Any]:
    said = {"sub": "7", "exp": NOW + 30, "signature": sha256(BODY).hexdigest()} | changed
    return {name: value for name, value in said.items() if value is not None}


def signed(content: dict[str, Any], *, secret: str = SECRET, alg: str = "HS256") -> str:
    """A token as another library makes it."""
    return jwt.encode({"alg": alg}, content, OctKey.import_key(secret), algorithms=[alg])


def verify(token: str, body: bytes = BODY, **more: Any) -> actions.Claims:
    return actions.verify({"Flowdock-Token": token}, body, SECRET, **{"now": NOW, **more})


def test_a_token_of_another_library_says_who_asks() -> None:
    assert verify(signed(claims())) == {"user_id": 7, "expires": NOW + 30}


@pytest.mark.parametrize("name", ["FLOWDOCK-TOKEN", "flowdock-token", "Flowdock-Token"])
def test_headers_may_be_spelled_in_any_case(name: str) -> None:
    assert actions.verify({"Host": "x", name: signed(claims())}, BODY, SECRET, now=NOW)["user_id"] == 7


@pytest.mark.parametrize(
    "seconds, leeway, good", [(0, 0, True), (29, 0, True), (30, 0, False), (34, 5, True), (35, 5, False)]
)
def test_a_token_is_good_until_it_expires_and_a_little_longer(seconds: int, leeway: float, good: bool) -> None:
    if good:
        verify(signed(claims()), now=NOW + seconds, leeway=leeway)
    else:
        with pytest.raises(flowdock.Unverified, match="expired"):
            verify(signed(claims()), now=NOW + seconds, leeway=leeway)


def test_without_a_moment_it_is_now() -> None:
    with pytest.raises(flowdock.Unverified, match="expired"):
        actions.verify({"FLOWDOCK-TOKEN": signed(claims())}, BODY, SECRET)


def part(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


UNSIGNED = f"{part({'alg': 'none'})}.{part(claims())}"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b",
        "a.b.c.d",
        f"{UNSIGNED}.",
        f"{UNSIGNED}.AAAA",
        "!.!.!",
        signed(claims(), secret="another secret that is long enough"),
        signed(claims(), alg="HS512"),
        signed(claims()).rpartition(".")[0] + ".AAAA",
        signed(claims(sub=None)),
        signed(claims(sub="alice")),
        signed(claims(sub="-7")),
        signed(claims(exp=None)),
        signed(claims(signature=None)),
        signed(claims(signature=7)),
        signed(claims(signature=sha256(b"another").hexdigest())),
        signed(claims(signature="\u00e9")),
    ],
)
def test_any_other_token_is_nobodys(token: str) -> None:
    with pytest.raises(flowdock.Unverified):
        verify(token)


def test_a_token_of_another_algorithm_is_not_believed_although_its_signature_is_right() -> None:
    start = f"{part({'alg': 'HS512'})}.{part(claims())}"
    signature = urlsafe_b64encode(hmac.digest(SECRET.encode(), start.encode(), "sha256")).decode().rstrip("=")
    with pytest.raises(flowdock.Unverified):
        verify(f"{start}.{signature}")


def test_a_token_is_good_for_its_body_alone() -> None:
    with pytest.raises(flowdock.Unverified, match="another body"):
        verify(signed(claims()), BODY + b" ")


@pytest.mark.parametrize("headers", [{}, {"Flowdock-Token": "x", "FLOWDOCK-TOKEN": "y"}])
def test_there_has_to_be_one_token(headers: dict[str, str]) -> None:
    with pytest.raises(flowdock.Unverified, match="FLOWDOCK-TOKEN header"):
        actions.verify(headers, BODY, SECRET)


@given(token=st.text() | st.text(".aA0_-", max_size=40), body=st.binary())
def test_whatever_comes_is_verified_or_is_not(token: str, body: bytes) -> None:
    with pytest.raises(flowdock.Unverified):
        verify(token, body)


def test_an_error_is_a_value_error_too_and_tells_no_secret() -> None:
    with pytest.raises(ValueError, match="client secret") as failed:
        verify(signed(claims(), secret="another secret that is long enough"))
    assert SECRET not in str(failed.value)


def test_a_challenge_says_where_to_sign_in() -> None:
    assert actions.challenge("https://ci.example/login?back=1") == "Flowdock-Token url=https://ci.example/login?back=1"


@pytest.mark.parametrize(
    "url", ["", "/login", "javascript:x", "https://a b", "https://x\r\nX: y", 'https://x"', "https://ü"]
)
def test_a_challenge_leads_to_the_web_alone(url: str) -> None:
    with pytest.raises(flowdock.BadSetting):
        actions.challenge(url)


def webhook(body: bytes, *, signature: str | None = None) -> Any:
    genuine = "sha1=" + hmac.new(b"shared", body, "sha1").hexdigest()
    return actions.verify_webhook({"x-flowdock-signature": signature or genuine}, body, "shared")


def test_a_webhook_tells_an_event() -> None:
    assert webhook(b'{"event":"message","id":7}') == {"event": "message", "id": 7}


@pytest.mark.parametrize(
    "body, signature",
    [
        (b"{}", "sha1="),
        (b"{}", "x"),
        (b"{}", "sha1=\u00e9"),
        (b"{}", "sha256=" + hmac.new(b"shared", b"{}", "sha256").hexdigest()),
        (b"{}", "sha1=" + hmac.new(b"other", b"{}", "sha1").hexdigest()),
        (b"{}", "sha1=" + hmac.new(b"shared", b"{ }", "sha1").hexdigest()),
        (b"", None),
        (b"[]", None),
        (b"\xff", None),
    ],
)
def test_any_other_webhook_is_nobodys(body: bytes, signature: str | None) -> None:
    with pytest.raises(flowdock.Unverified):
        webhook(body, signature=signature)


def test_a_webhook_without_a_signature_is_nobodys() -> None:
    with pytest.raises(flowdock.Unverified, match="no X-Flowdock-Signature header"):
        actions.verify_webhook({}, b"{}", "shared")
