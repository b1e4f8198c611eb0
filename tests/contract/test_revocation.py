"""What was revoked, expired or forbidden opens nothing any more, and it is told when a token was used last."""

import time
from collections.abc import Callable, Iterator

import pytest

from flowdock.server.domain.oauth import ACCESS_SECONDS
from flowdock.server.store.store import Chance
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.browser import Browser
from tests.contract.oauth import EMAIL, PASSWORD, bearer, make_zoe, register
from tests.contract.plain import PATIENCE_SECONDS, Caller, Stream, basic

HOUR = 3600 * 1000


class Clock:
    """Time that is moved on by hand, in milliseconds."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Server]:
    """One whose presence is written down quickly, and whose clock stands still."""
    folder = tmp_path_factory.mktemp("server")
    with Server(folder, chance=Chance(clock=clock), activity_seconds=0.05) as running:
        make_zoe(running)
        yield running


def until(condition: Callable[[], object]) -> object:
    """What the condition gave when it was true at last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came true"
    return found


def test_it_is_told_when_a_token_was_used_last(server: Server, clock: Clock) -> None:
    mine = Caller(server.url, basic(EMAIL, PASSWORD))
    made = mine.post("/user/tokens", label="bot").json
    assert made["last_used_at"] is None
    clock.now += HOUR
    bearer(server, made["token"]).get("/user")

    def last_used() -> str | None:
        [one] = [one for one in mine.get("/user/tokens").json if one["id"] == made["id"]]
        moment: str | None = one["last_used_at"]
        return moment

    assert until(last_used) == "2023-11-14T23:13:20.000Z"


def test_a_stream_ends_with_the_token_it_was_opened_with(server: Server) -> None:
    mine = Caller(server.url, basic(EMAIL, PASSWORD))
    kept, lost = (mine.post("/user/tokens", label=label).json for label in ("kept", "lost"))
    place = f"/stream/flows/{server.org}/{server.flow}"
    with (
        Stream(server.url, f"{place}?access_token={kept['token']}", {}) as going_on,
        Stream(server.url, f"{place}?access_token={lost['token']}", {}) as ending,
    ):
        mine.delete(f"/user/tokens/{lost['id']}")
        assert ending.rest().strip() == b""
        Caller(server.url, basic(server.user.token)).post(
            f"/flows/{server.org}/{server.flow}/messages", event="message", content="still there?"
        )
        assert going_on.next()["content"] == "still there?"
    assert bearer(server, lost["token"]).get("/user").status == 401


def test_an_access_token_is_good_for_a_working_day(server: Server, clock: Clock) -> None:
    tracker = register(server)
    given = tracker.exchange(grant_type="authorization_code", code=tracker.code(scope="flow offline_access")).json
    clock.now += ACCESS_SECONDS * 1000 - 1
    assert bearer(server, given["access_token"]).get("/flows").status == 200
    server.do(_nothing_remembered)
    clock.now += 1
    assert bearer(server, given["access_token"]).get("/flows").status == 401
    renewed = tracker.exchange(grant_type="refresh_token", refresh_token=given["refresh_token"]).json
    assert bearer(server, renewed["access_token"]).get("/flows").status == 200


def test_a_code_is_good_for_ten_minutes(server: Server, clock: Clock) -> None:
    tracker = register(server)
    code = tracker.code()
    clock.now += 600 * 1000
    answer = tracker.exchange(grant_type="authorization_code", code=code)
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


def test_a_browser_is_signed_in_for_thirty_days(server: Server, clock: Clock) -> None:
    browser = Browser(server.url)
    browser.open("/login")
    browser.sign_in(EMAIL, PASSWORD)
    assert "You are signed in" in browser.text
    clock.now += 30 * 24 * HOUR
    browser.open("/login")
    assert "Password" in browser.text


def test_nothing_of_somebody_who_was_disabled_opens_anything(server: Server) -> None:
    tracker, browser = register(server), Browser(server.url)
    given = tracker.exchange(grant_type="authorization_code", code=tracker.code(scope="flow offline_access")).json
    code = tracker.code()
    browser.open("/login")
    browser.sign_in(EMAIL, PASSWORD)
    with Stream(server.url, f"/stream/flows?user=1&access_token={_private_token(server)}", {}) as stream:
        assert stream.status == 200
        server.do(_disable)
        assert stream.rest().strip() == b""
    assert bearer(server, given["access_token"]).get("/user").status == 401
    assert tracker.exchange(grant_type="refresh_token", refresh_token=given["refresh_token"]).status == 400
    assert tracker.exchange(grant_type="authorization_code", code=code).status == 400
    assert Caller(server.url, basic(EMAIL, PASSWORD)).get("/user").status == 401
    browser.open("/login")
    assert "Password" in browser.text


def _private_token(server: Server) -> str:
    mine = Caller(server.url, basic(EMAIL, PASSWORD))
    token: str = mine.post("/user/tokens", label="reader", scopes="private").json["token"]
    return token


def _disable(tx: Transaction) -> None:
    tx.execute("UPDATE users SET disabled = 1 WHERE email = ?", (EMAIL,))
    tx.credentials_changed = True


def _nothing_remembered(tx: Transaction) -> None:
    tx.credentials_changed = True
