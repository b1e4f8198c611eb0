"""The rules of OAuth: scopes, proofs of possession, addresses that people may be sent to."""

import pytest

from flowdock.protocol.resources import SCOPES
from flowdock.server.domain import oauth, scopes
from flowdock.server.domain.links import OUT_OF_BAND, checked_link, checked_redirect_uri, origin_of
from flowdock.server.domain.oauth import Problem
from flowdock.server.domain.refusals import Refusal

# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "challenge, method, verifier, proven",
    [
        (CHALLENGE, "S256", VERIFIER, True),
        (CHALLENGE, "S256", CHALLENGE, False),
        (CHALLENGE, "plain", CHALLENGE, True),
        (CHALLENGE, "plain", VERIFIER, False),
        (CHALLENGE, "S256", "", False),
        (CHALLENGE, "S256", "ü" * 50, False),
        (None, None, "", True),
        (None, None, VERIFIER, False),
    ],
)
def test_whoever_brings_a_code_proves_to_have_asked_for_it(
    challenge: str | None, method: str | None, verifier: str, *, proven: bool
) -> None:
    assert oauth.proves(challenge, method, verifier) is proven


@pytest.mark.parametrize(
    "challenge, method, confidential, error",
    [
        ("", "plain", True, None),
        ("", "plain", False, "invalid_request"),
        (CHALLENGE, "S256", False, None),
        (CHALLENGE, "s256", True, "invalid_request"),
        ("x" * 42, "plain", True, "invalid_request"),
        ("x" * 129, "plain", True, "invalid_request"),
        ("x" * 42 + "=", "plain", True, "invalid_request"),
    ],
)
def test_a_challenge_is_checked_when_it_is_made(
    challenge: str, method: str, *, confidential: bool, error: str | None
) -> None:
    problem = oauth.problem_of_challenge(challenge, method, confidential=confidential)
    assert (problem and problem.error) == error


@pytest.mark.parametrize(
    "text, named",
    [
        ("", ("flow", "private")),
        ("  , ", ("flow", "private")),
        ("profile", ("profile",)),
        ("offline_access,flow  private flow", ("flow", "private", "offline_access")),
    ],
)
def test_scopes_have_blanks_or_commas_between(text: str, named: tuple[str, ...]) -> None:
    assert oauth.asked_scopes(text) == named


def test_an_unknown_scope_is_named_with_those_there_are() -> None:
    problem = oauth.asked_scopes("flow write")
    assert isinstance(problem, Problem)
    assert "'write'" in problem.description
    assert "flow, private, manage" in problem.description


def test_every_scope_has_words_for_people() -> None:
    assert set(scopes.WORDS) == set(SCOPES)


@pytest.mark.parametrize(
    "uri, origin",
    [
        ("https://a.example/b?c=d", "https://a.example"),
        ("HTTP://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("https://a.example", "https://a.example"),
        ("com.example.app:/back", "com.example.app:"),
        ("tracker://callback", "tracker:"),
    ],
)
def test_people_may_be_sent_to_the_web_and_to_programs(uri: str, origin: str) -> None:
    assert checked_redirect_uri(uri) == uri
    assert origin_of(uri) == origin


def test_people_may_be_shown_the_code_instead() -> None:
    assert checked_redirect_uri(OUT_OF_BAND) == OUT_OF_BAND


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "a.example",
        "//a.example/",
        "javascript:alert(1)",
        "JavaScript://a.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "urn:other",
        "https://",
        "https://a.example/#part",
        "https://a.example; script-src *",
        "https://a.example,b.example/",
        "https://me@a.example/",
        "https://a.example/ü",
        "https://a.example\\@b.example/",
        "https://a.example/\r\nX: y",
        "https://a.example/" + "x" * 2000,
        "1tracker:/back",
    ],
)
def test_people_are_sent_nowhere_else(uri: str) -> None:
    with pytest.raises(Refusal) as caught:
        checked_redirect_uri(uri)
    assert list(caught.value.errors) == ["redirect_uri"]


@pytest.mark.parametrize(
    "link", ["javascript:x", "ftp://a.example/", "https:///x", "a.example", "http://a b", "http://a\x00b/"]
)
def test_what_people_are_shown_as_a_link_leads_to_the_web(link: str) -> None:
    with pytest.raises(Refusal):
        checked_link(link, field="external_url")


def test_no_link_is_a_link_too() -> None:
    assert checked_link("  ", field="external_url") is None
    assert checked_link(" https://a.example/ü ", field="external_url") == "https://a.example/ü"
