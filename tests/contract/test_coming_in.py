"""People come in with a browser: by invitations and join links, and by a new password when they forgot theirs."""

import re

import pytest

import flowdock
from flowdock.server.domain.naming import token_digest
from flowdock.server.store import tokens
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.browser import Browser
from tests.contract.flows import NewFlow
from tests.contract.oauth import EMAIL, PASSWORD, make_zoe
from tests.contract.plain import Caller, ask, basic

NEW_PASSWORD = "another horse"


@pytest.fixture(scope="module")
def zoe(server: Server) -> int:
    return make_zoe(server)


@pytest.fixture
def browser(server: Server) -> Browser:
    return Browser(server.url)


def invited(alice: Caller, flow: NewFlow, email: str) -> str:
    """The page of an invitation."""
    answer = alice.post(f"/flows/{flow.org}/{flow.name}/invitations", email=email, message="come")
    assert answer.status == 201, answer
    return "/invitations/" + str(answer.json["invitation_url"]).rpartition("/")[2]


def test_a_newcomer_makes_an_account_is_told_a_token_and_is_signed_in(
    server: Server, browser: Browser, alice: Caller, new_flow: NewFlow
) -> None:
    page = invited(alice, new_flow, "dora@example.net")
    browser.open(page)
    assert "Alice Example" in browser.text
    assert "dora@example.net" in browser.text
    browser.submit(f"{page}/accept", nick="dora", name="Dora", password=PASSWORD)
    token = re.search(r"[0-9a-f]{32}", browser.text)
    assert token is not None
    dora = Caller(server.url, basic(token[0]))
    assert dora.get(f"/flows/{new_flow.org}/{new_flow.name}").json["joined"] is True
    browser.open("/login")
    assert "You are signed in" in browser.text


def test_what_was_typed_wrong_is_said_and_the_rest_stays(browser: Browser, alice: Caller, new_flow: NewFlow) -> None:
    page = invited(alice, new_flow, "erik@example.net")
    browser.open(page)
    answer = browser.submit(f"{page}/accept", nick="erik <b>", name="Erik", password=PASSWORD)
    assert (answer.status, 'role="alert"' in browser.text, 'value="erik &lt;b&gt;"' in browser.text) == (
        400,
        True,
        True,
    )
    assert browser.submit(f"{page}/accept", nick="erik", password=PASSWORD).status == 200


@pytest.mark.usefixtures("zoe")
def test_who_has_an_account_signs_in_first_and_joins(browser: Browser, alice: Caller, new_flow: NewFlow) -> None:
    page = invited(alice, new_flow, EMAIL)
    browser.open(page)
    assert 'name="nick"' not in browser.text
    found = re.search(r'href="(/login[^"]+)"', browser.text)
    assert found is not None
    browser.open(found[1])
    browser.sign_in(EMAIL, PASSWORD)
    assert "Join as zoe" in browser.text
    browser.submit(f"{page}/accept")
    assert (browser.page.status, "You are in the flow" in browser.text) == (200, True)


def test_a_join_link_asks_for_the_address_too(browser: Browser, alice: Caller, new_flow: NewFlow) -> None:
    path = f"/flows/{new_flow.org}/{new_flow.name}"
    page = "/invitations/" + str(alice.get(f"{path}/join_url").json["join_url"]).rpartition("/")[2]
    assert browser.open(page).status == 404
    alice.put(path, access_mode="link")
    browser.open(page)
    answer = browser.submit(f"{page}/accept", nick="frida", name="Frida", email="f@example.net", password=PASSWORD)
    assert answer.status == 200


@pytest.mark.parametrize("page", ["/invitations/absent", f"/invitations/{'0' * 40}-main", "/password_resets/absent"])
def test_a_link_that_leads_nowhere_says_so_to_people(browser: Browser, page: str) -> None:
    assert browser.open(page).status == 404
    assert "This link leads nowhere" in browser.text


def test_no_other_site_accepts_for_somebody(browser: Browser, alice: Caller, new_flow: NewFlow) -> None:
    page = invited(alice, new_flow, "gina@example.net")
    browser.open(page)
    answer = browser.submit(f"{page}/accept", origin="https://evil.example", nick="gina", password=PASSWORD)
    assert answer.status == 403


@pytest.mark.usefixtures("zoe")
def test_whoever_forgot_a_password_is_told_the_same_as_everybody(browser: Browser) -> None:
    said = []
    for email in (EMAIL, "nobody@example.com"):
        browser.open("/login")
        assert 'href="/password_resets"' in browser.text
        browser.open("/password_resets")
        browser.submit("/forgotten_password", email=email)
        said.append((browser.page.status, browser.text.replace(email, "somebody")))
    assert said[0] == said[1]


def test_a_new_password_is_chosen_once(server: Server, zoe: int, browser: Browser) -> None:
    def begun(tx: Transaction) -> str:
        key = tx.entropy(20).hex()
        tokens.create(tx, token_digest(key), user_id=zoe, kind="reset", label="", expires_at=tx.now + 60_000)
        return key

    page = f"/password_resets/{server.do(begun)}"
    browser.open(page)
    assert browser.submit(f"{page}/set", password="short").status == 400
    assert browser.submit(f"{page}/set", password=NEW_PASSWORD).status == 200
    assert browser.open(page).status == 404
    for password, status in ((PASSWORD, 401), (NEW_PASSWORD, 200)):
        assert ask(server.url, "GET", "/user", headers=basic(EMAIL, password)).status == status


def test_the_client_asks_in_takes_back_and_comes(server: Server, new_flow: NewFlow) -> None:
    stranger = server.stranger()
    with (
        flowdock.connect(token=server.user.token, org=new_flow.org, flow=new_flow.name, api_url=server.url) as flow,
        flowdock.connect(token=stranger.token, api_url=server.url) as client,
    ):
        first = flow.import_invitations(f"{stranger.email}, x@invalid")
        assert first["erroneous_emails"] == [{"x@invalid": "Invalid email"}]
        [waiting] = flow.invitations()
        flow.cancel_invitation(waiting["id"])
        again = flow.invite(stranger.email)
        joined = client.accept_invitation(again["invitation_url"].rpartition("/")[2])
        assert (joined["flow"], flow.invitations()) == (again["flow"], [])
        assert flow.invitation(again["id"])["state"] == "accepted"


def test_where_no_mail_is_sent_links_are_logged(
    server: Server, alice: Caller, new_flow: NewFlow, caplog: pytest.LogCaptureFixture
) -> None:
    del server
    with caplog.at_level("INFO", logger="flowdock.mail"):
        page = invited(alice, new_flow, "hugo@example.net")
    assert page in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [{"nick": "\0"}, {"nick": ""}, {"nick": "alice"}, {"name": "n" * 200}, {"password": ""}, {"password": "p" * 2000}],
    ids=str,
)
def test_no_account_is_made_of_what_cannot_be_one(
    server: Server, browser: Browser, alice: Caller, new_flow: NewFlow, wrong: dict[str, str]
) -> None:
    page = invited(alice, new_flow, "ida@example.net")
    browser.open(page)
    good = {"nick": "ida", "name": "Ida", "password": PASSWORD}
    assert browser.submit(f"{page}/accept", **{**good, **wrong}).status == 400
    assert ask(server.url, "GET", "/user", headers=basic("ida@example.net", PASSWORD)).status == 401
