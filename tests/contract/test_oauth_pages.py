"""People allow an application something: what they see, and where they are sent."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowdock.testing import Server
from tests.contract.browser import Browser
from tests.contract.oauth import BACK, CHALLENGE, EMAIL, PASSWORD, Application, make_zoe, register
from tests.contract.plain import ask

SHORT = {"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}


@pytest.fixture(scope="module")
def zoe(server: Server) -> int:
    return make_zoe(server)


@pytest.fixture(scope="module")
def tracker(server: Server, zoe: int) -> Application:
    del zoe
    return register(server, name='Tracker <img src="x">')


@pytest.fixture
def browser(server: Server) -> Browser:
    return Browser(server.url)


@pytest.fixture(scope="module")
def cookie(server: Server, tracker: Application) -> dict[str, str]:
    """The header of a browser in which zoe is signed in."""
    cookies = signed_in(Browser(server.url), tracker.address()).cookies
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def signed_in(browser: Browser, target: str) -> Browser:
    browser.open(target)
    browser.sign_in(EMAIL, PASSWORD)
    return browser


def test_who_is_not_signed_in_signs_in_first_and_goes_on(browser: Browser, tracker: Application) -> None:
    browser.open(tracker.address())
    assert "Sign in" in browser.text
    browser.sign_in(EMAIL, PASSWORD)
    assert (browser.page.status, "Allow Tracker" in browser.text) == (200, True)


def test_the_page_says_who_asks_whom_for_what(browser: Browser, tracker: Application) -> None:
    signed_in(browser, tracker.address(scope="flow profile"))
    for told in (
        "Tracker &lt;img",
        "zoe@example.com",
        "Zoë &lt;b&gt;",
        "See and change your profile",
        "tracker.example",
    ):
        assert told in browser.text
    assert "<img" not in browser.text
    assert "private conversations" not in browser.text


@pytest.mark.parametrize("decision, told", [("approve", "code"), ("deny", "error")])
def test_the_decision_is_brought_to_the_application_with_its_state(
    browser: Browser, tracker: Application, decision: str, told: str
) -> None:
    signed_in(browser, tracker.address(state="a&b=ü", redirect_uri=BACK)).submit("/oauth/authorize", decision=decision)
    assert browser.page.status == 303
    assert browser.address.startswith(f"{BACK}&")
    assert browser.told["state"] == "a&b=ü"
    assert told in browser.told


def test_a_page_runs_no_scripts_and_is_framed_by_nobody(browser: Browser, tracker: Application) -> None:
    headers = signed_in(browser, tracker.address()).page.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://tracker.example" in policy
    assert "unsafe" not in policy
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "same-origin")


@pytest.mark.parametrize(
    "wrong", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": BACK + "x"}]
)
def test_nobody_is_sent_to_an_address_that_was_not_registered(
    browser: Browser, tracker: Application, wrong: dict[str, str]
) -> None:
    page = browser.open(tracker.address(**wrong))
    assert (page.status, page.headers["Location"]) == (400, None)
    assert "This is not possible" in browser.text


@pytest.mark.parametrize(
    "wrong, error",
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "flow everything"}, "invalid_scope"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_an_application_hears_what_it_asked_wrongly(
    browser: Browser, tracker: Application, wrong: dict[str, str], error: str
) -> None:
    browser.open(tracker.address(**wrong, state="s"))
    assert browser.address.startswith(browser.url)
    browser.sign_in(EMAIL, PASSWORD)
    assert (browser.told["error"], browser.told["state"]) == (error, "s")


def test_an_application_without_a_secret_needs_a_challenge(server: Server, browser: Browser, zoe: int) -> None:
    public = register(server, confidential=False)
    signed_in(browser, public.address())
    assert browser.told["error"] == "invalid_request"


def test_a_code_is_shown_to_who_allowed_it_and_to_nobody_else(server: Server, browser: Browser, zoe: int) -> None:
    terminal = register(server, name="Terminal", **SHORT)
    signed_in(browser, terminal.address()).submit("/oauth/authorize", decision="approve")
    code = browser.address.rpartition("/")[2]
    assert (browser.page.status, f">{code}<" in browser.text) == (200, True)
    assert Browser(server.url).open(f"/oauth/authorize/{code}").status == 404
    assert browser.open("/oauth/authorize/anything").status == 404
    assert terminal.exchange(grant_type="authorization_code", code=code, **SHORT).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_form_from_another_site_changes_nothing(browser: Browser, tracker: Application, origin: str) -> None:
    signed_in(browser, tracker.address())
    page = browser.submit("/oauth/authorize", origin=origin, decision="approve")
    assert (page.status, page.headers["Location"]) == (403, None)


def test_a_decision_counts_only_for_who_saw_the_page(browser: Browser, tracker: Application) -> None:
    signed_in(browser, tracker.address())
    browser.submit("/oauth/authorize", decision="approve", user="1")
    assert (browser.page.status, "Allow Tracker" in browser.text) == (200, True)


# Signing in and out


def test_a_wrong_password_is_said_so_and_counted(server: Server, browser: Browser, zoe: int) -> None:
    browser.open("/login?next=/somewhere")
    for _ in range(20):
        browser.sign_in("guess@example.com", "wrong")
    assert (browser.page.status, "do not belong together" in browser.text) == (401, True)
    browser.sign_in("guess@example.com", "wrong")
    assert (browser.page.status, "Too many wrong passwords" in browser.text) == (429, True)


@pytest.mark.parametrize(
    "away", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x"]
)
def test_signing_in_leads_to_no_other_site(browser: Browser, zoe: int, away: str) -> None:
    browser.open("/login")
    browser.submit("/login", email=EMAIL, password=PASSWORD, next=away)
    assert browser.address == f"{browser.url}/login"
    assert "You are signed in" in browser.text


def test_who_signs_out_is_asked_again(browser: Browser, zoe: int) -> None:
    signed_in(browser, "/login")
    before = dict(browser.cookies)
    browser.submit("/logout")
    browser.cookies = before
    browser.open("/login")
    assert "Password" in browser.text


def test_a_session_is_out_of_reach_of_scripts_and_other_sites(browser: Browser, zoe: int) -> None:
    browser.open("/login")
    body = f"email={EMAIL}&password={PASSWORD}".encode()
    headers = {"Origin": browser.url, "Content-Type": "application/x-www-form-urlencoded"}
    cookie = ask(browser.url, "POST", "/login", headers=headers, body=body).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_a_session_opens_the_pages_only(server: Server, browser: Browser, zoe: int) -> None:
    signed_in(browser, "/login")
    assert browser.open("/user").status == 401


ANY_TEXT = st.text(max_size=60) | st.sampled_from(["", "code", "flow", "S256", "approve", BACK, CHALLENGE, "/login"])
NAMES = (
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "decision",
    "user",
)


@settings(max_examples=60, deadline=None)
@given(asked=st.dictionaries(st.sampled_from(NAMES), ANY_TEXT), path=ANY_TEXT)
def test_nothing_that_is_asked_breaks_a_page(
    server: Server, tracker: Application, cookie: dict[str, str], asked: dict[str, str], path: str
) -> None:
    known = {"client_id": tracker.client_id, "response_type": "code"}
    body = urlencode({**known, **asked}, errors="replace").encode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": server.url, **cookie}
    answers = [
        ask(server.url, "GET", f"/oauth/authorize?{body.decode()}", headers=cookie),
        ask(server.url, "POST", "/oauth/authorize", headers=form, body=body),
        ask(server.url, "GET", f"/oauth/authorize/{quote(path, safe='', errors='replace')}", headers=cookie),
        ask(server.url, "GET", f"/login?{urlencode({'next': path}, errors='replace')}"),
    ]
    assert not [answer for answer in answers if answer.status >= 500]
