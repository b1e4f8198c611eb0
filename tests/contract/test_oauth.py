"""OAuth as applications speak it: Authlib's client, and plain requests like those of the service's old clients.

Source: wire facts 2.13.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from authlib.integrations.requests_client import OAuth2Session

from flowdock.testing import Server
from tests.contract.browser import Browser
from tests.contract.flows import NewFlow
from tests.contract.oauth import (
    BACK,
    CHALLENGE,
    EMAIL,
    PASSWORD,
    VERIFIER,
    Application,
    bearer,
    make_zoe,
    register,
)
from tests.contract.plain import Answer, Caller, Stream, ask, basic

PASSWORDS = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}


@pytest.fixture(scope="module")
def zoe(server: Server) -> int:
    return make_zoe(server)


@pytest.fixture(scope="module")
def tracker(server: Server, zoe: int) -> Application:
    del zoe
    return register(server)


@pytest.fixture(params=["client_secret_basic", "client_secret_post"])
def authlib(request: pytest.FixtureRequest, server: Server, tracker: Application) -> Iterator[OAuth2Session]:
    """Somebody else's client, in both ways in which it can say who it is."""
    with OAuth2Session(
        tracker.client_id,
        tracker.client_secret,
        token_endpoint_auth_method=request.param,
        revocation_endpoint_auth_method=request.param,
        redirect_uri=BACK,
        scope="flow profile offline_access",
        token_endpoint=f"{server.url}/oauth/token",
        code_challenge_method="S256",
    ) as session:
        session.trust_env = False
        yield session


def allowed(server: Server, url: str) -> str:
    """Where somebody lands who allows what is asked for at this address."""
    browser = Browser(server.url)
    browser.open(url.removeprefix(server.url))
    browser.sign_in(EMAIL, PASSWORD)
    browser.submit("/oauth/authorize", decision="approve")
    return browser.address


# Authlib


def test_authlib_gets_a_token_for_a_code_renews_it_and_gives_it_back(
    server: Server, zoe: int, authlib: OAuth2Session
) -> None:
    url, _ = authlib.create_authorization_url(f"{server.url}/oauth/authorize", code_verifier=VERIFIER)
    token = authlib.fetch_token(authorization_response=allowed(server, url), code_verifier=VERIFIER)
    me = authlib.get(f"{server.url}/user")
    assert (me.json()["id"], me.headers["Flowdock-User"]) == (zoe, str(zoe))
    assert (token["token_type"], token["scope"], token["expires_in"]) == (
        "bearer",
        "flow,profile,offline_access",
        28800,
    )

    renewed = authlib.refresh_token()
    assert authlib.get(f"{server.url}/flows").status_code == 200
    assert len({token["refresh_token"], renewed["refresh_token"]}) == 2

    authlib.revoke_token(f"{server.url}/oauth/revoke", token=renewed["refresh_token"])
    assert authlib.get(f"{server.url}/user").status_code == 401


def test_authlib_gets_a_token_for_a_password(server: Server, zoe: int, authlib: OAuth2Session) -> None:
    authlib.fetch_token(username=EMAIL, password=PASSWORD, scope="flow private")
    assert authlib.get(f"{server.url}/user").json()["id"] == zoe


# Plain requests


def test_the_answer_is_a_form_unless_json_is_asked_for(tracker: Application) -> None:
    answer = tracker.post("/oauth/token", {**tracker.credentials, **PASSWORDS})
    assert answer.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert answer.headers["Cache-Control"] == "no-store"
    told = {name: values[0] for name, values in parse_qs(answer.body.decode()).items()}
    as_json = tracker.exchange(**PASSWORDS).json
    assert set(told) == set(as_json) == {"access_token", "token_type", "expires_in", "scope", "created_at"}
    assert (told["scope"], as_json["scope"], as_json["token_type"]) == ("flow,private", "flow,private", "bearer")
    assert bearer(tracker.server, told["access_token"]).get("/user").status == 200


@pytest.mark.parametrize("named_twice", [False, True])
def test_an_application_may_say_who_it_is_by_basic_and_send_json(tracker: Application, *, named_twice: bool) -> None:
    headers = {**basic(tracker.client_id, tracker.client_secret), "Accept": "application/json"}
    also = {"client_id": tracker.client_id} if named_twice else {}
    assert Caller(tracker.server.url, headers).post("/oauth/token", **PASSWORDS, **also).status == 200


def test_an_application_does_not_say_that_it_is_two(server: Server, tracker: Application) -> None:
    other = register(server, name="Other")
    caller = Caller(server.url, basic(other.client_id, other.client_secret))
    answer = caller.post("/oauth/token", **PASSWORDS, client_id=tracker.client_id)
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


def test_a_browsers_page_gets_a_token_without_a_secret(server: Server, zoe: int) -> None:
    page = register(server, confidential=False)
    answer = page.post("/oauth/token", {"client_id": page.client_id, **PASSWORDS}, Accept="application/json")
    assert answer.status == 200


@pytest.mark.parametrize(
    "given, status, error",
    [
        ({**PASSWORDS, "client_secret": "wrong"}, 401, "invalid_client"),
        ({**PASSWORDS, "client_secret": ""}, 401, "invalid_client"),
        ({**PASSWORDS, "client_id": "nobody"}, 401, "invalid_client"),
        ({**PASSWORDS, "password": "wrong"}, 400, "invalid_grant"),
        ({**PASSWORDS, "scope": "flow everything"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_oauth(
    tracker: Application, given: dict[str, str], status: int, error: str
) -> None:
    answer = tracker.exchange(**given)
    assert (answer.status, answer.json["error"]) == (status, error)
    assert answer.json["error_description"] == answer.json["message"]


def test_a_client_that_came_by_basic_is_challenged_by_basic(tracker: Application) -> None:
    caller = Caller(tracker.server.url, basic(tracker.client_id, "wrong"))
    answer = caller.post("/oauth/token", **PASSWORDS)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="Flowdock"')


def test_passwords_are_not_guessed_for_ever(tracker: Application) -> None:
    guesses = [tracker.exchange(**{**PASSWORDS, "username": "guessed@example.com"}) for _ in range(21)]
    assert [guess.status for guess in guesses] == [400] * 20 + [429]
    assert guesses[-1].headers["Retry-After"] == "300"


# Thieves


def exchanged(tracker: Application, code: str, **given: str) -> Answer:
    return tracker.exchange(grant_type="authorization_code", code=code, **given)


def test_a_code_that_comes_again_ends_what_it_gave(tracker: Application) -> None:
    code = tracker.code(scope="flow offline_access")
    given = exchanged(tracker, code).json
    replayed = exchanged(tracker, code)
    assert (replayed.status, replayed.json["error"]) == (400, "invalid_grant")
    assert bearer(tracker.server, given["access_token"]).get("/user").status == 401
    assert tracker.exchange(grant_type="refresh_token", refresh_token=given["refresh_token"]).status == 400


def test_a_refresh_token_that_comes_again_ends_everything(tracker: Application) -> None:
    first = exchanged(tracker, tracker.code(scope="flow offline_access")).json
    renewing = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = tracker.exchange(**renewing).json
    assert bearer(tracker.server, second["access_token"]).get("/user").status == 200
    tracker.exchange(**{**renewing, "refresh_token": second["refresh_token"]})
    assert tracker.exchange(**renewing).json["error"] == "invalid_grant"
    assert bearer(tracker.server, second["access_token"]).get("/user").status == 401
    assert tracker.exchange(grant_type="refresh_token", refresh_token=second["refresh_token"]).status == 400


def test_a_code_is_good_for_its_application_only(server: Server, tracker: Application) -> None:
    other = register(server, name="Other")
    code = tracker.code()
    assert exchanged(other, code).json["error"] == "invalid_grant"
    assert exchanged(tracker, code).status == 200


@pytest.mark.parametrize(
    "asked, brought, status",
    [
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, {"code_verifier": VERIFIER}, 200),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, {"code_verifier": CHALLENGE}, 400),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, {}, 400),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, {"code_verifier": VERIFIER}, 200),
        ({"code_challenge": VERIFIER}, {"code_verifier": VERIFIER}, 200),
        ({"code_challenge": VERIFIER}, {"code_verifier": VERIFIER[:-1] + "x"}, 400),
        ({}, {"code_verifier": VERIFIER}, 400),
        ({"redirect_uri": BACK}, {"redirect_uri": BACK}, 200),
        ({"redirect_uri": BACK}, {"redirect_uri": BACK + "x"}, 400),
        ({"redirect_uri": BACK}, {}, 400),
    ],
)
def test_only_who_asked_for_a_code_can_use_it(
    tracker: Application, asked: dict[str, str], brought: dict[str, str], status: int
) -> None:
    assert exchanged(tracker, tracker.code(**asked), **brought).status == status


def test_no_more_can_be_renewed_than_was_granted(tracker: Application) -> None:
    given = exchanged(tracker, tracker.code(scope="flow profile offline_access")).json
    renewing = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert tracker.exchange(**renewing, scope="flow manage").json["error"] == "invalid_scope"
    assert tracker.exchange(**renewing, scope="flow").json["scope"] == "flow"


def test_nobody_gives_back_the_token_of_another_application(server: Server, tracker: Application) -> None:
    other, token = register(server, name="Other"), tracker.token("flow")
    assert other.post("/oauth/revoke", {**other.credentials, "token": token}).status == 200
    assert bearer(server, token).get("/user").status == 200
    assert tracker.post("/oauth/revoke", {**tracker.credentials, "token": token}).status == 200
    assert bearer(server, token).get("/user").status == 401
    assert tracker.post("/oauth/revoke", {"client_id": tracker.client_id, "token": token}).status == 401


# What a token may be used for


SCOPED: list[tuple[str, str, str, dict[str, Any], int]] = [
    ("flow", "GET", "{flow}/messages", {}, 200),
    ("flow", "POST", "{flow}/messages", {"event": "message", "content": "hi"}, 201),
    ("flow", "GET", "/private/{user}/messages", {}, 403),
    ("flow", "POST", "{flow}/sources", {"name": "x"}, 403),
    ("flow", "GET", "/user/tokens", {}, 403),
    ("private", "GET", "/private/{user}/messages", {}, 200),
    ("private", "GET", "{flow}/messages", {}, 403),
    ("private", "GET", "/user", {}, 200),
    ("profile", "GET", "/users", {}, 200),
    ("profile", "GET", "/flows", {}, 403),
    ("manage", "GET", "/flows", {}, 200),
    ("manage", "GET", "{flow}/messages", {}, 403),
    ("integration", "POST", "{flow}/sources", {"name": "x"}, 201),
    ("integration", "GET", "{flow}/sources", {}, 200),
    ("integration", "GET", "{flow}/messages", {}, 403),
    ("integration", "GET", "/oauth/applications", {}, 403),
    ("offline_access", "GET", "/user", {}, 200),
    ("offline_access", "GET", "/flows", {}, 403),
]


@pytest.mark.parametrize("scope, method, path, given, status", SCOPED)
def test_a_token_is_good_for_what_it_was_granted(
    server: Server, tracker: Application, *, scope: str, method: str, path: str, given: dict[str, Any], status: int
) -> None:
    target = path.format(flow=f"/flows/{server.org}/{server.flow}", user=server.user.id)
    answer = bearer(server, tracker.token(scope)).carry(method, target, given)
    assert answer.status == status, answer.body


@pytest.mark.parametrize(
    "scope, target, status",
    [
        ("flow", "/stream/flows/{place}", 200),
        ("private", "/stream/flows/{place}", 403),
        ("private", "/stream/flows?user=1", 200),
        ("flow", "/stream/flows?user=1", 403),
        ("flow", "/stream/flows?user=1&filter={place}", 403),
    ],
)
def test_a_stream_asks_for_scopes_as_well(
    server: Server, tracker: Application, scope: str, target: str, status: int
) -> None:
    token = tracker.token(scope)
    target = target.format(place=f"{server.org}/{server.flow}")
    joint = "&" if "?" in target else "?"
    with Stream(server.url, f"{target}{joint}access_token={token}", {}) as stream:
        assert stream.status == status


def test_an_access_token_comes_in_every_form(server: Server, zoe: int, tracker: Application) -> None:
    token = tracker.token("flow")
    for headers in (basic(token), {"Authorization": f"Bearer {token}"}):
        assert ask(server.url, "GET", "/user", headers=headers).headers["Flowdock-User"] == str(zoe)
    assert ask(server.url, "GET", f"/user?access_token={token}").headers["Flowdock-User"] == str(zoe)


def test_a_token_that_is_none_any_more_is_told_so_in_json(server: Server) -> None:
    answer = ask(server.url, "GET", "/user", headers={"Authorization": "Bearer gone"})
    assert (answer.status, list(answer.json)) == (401, ["message"])


def test_a_source_belongs_to_the_application_whose_token_made_it(
    server: Server, tracker: Application, new_flow: NewFlow, zoe: int
) -> None:
    del new_flow
    caller = bearer(server, tracker.token("integration"))
    for path in ("sources", "integrations"):
        made = caller.post(f"/flows/{server.org}/{server.flow}/{path}", name="Bugs").json
        assert (made["application"]["id"], made["creator"]["id"]) == (tracker.id, zoe)
        assert caller.put("/sources", flow_token=made["flow_token"], error_message="no").json["error_message"] == "no"
        assert caller.delete(f"/flows/{server.org}/{server.flow}/sources/{made['id']}").status == 204
        gone = [
            Caller(server.url).put("/sources", flow_token=made["flow_token"], name="x"),
            Caller(server.url).get("/sources", flow_token=made["flow_token"]),
            Caller(server.url).post("/activities", token=made["flow_token"], title="x"),
            Caller(server.url).post("/messages", flow_token=made["flow_token"], event="message", content="x"),
        ]
        assert [answer.status for answer in gone] == [410] * 4


def test_an_old_integration_posts_an_activity_under_the_old_name_of_its_token(
    server: Server, new_flow: NewFlow, alice: Caller
) -> None:
    item = {"title": "built", "author": {"name": "CI"}, "external_thread_id": "1", "thread": {"title": "Build 1"}}
    assert Caller(server.url).post("/activities", token=new_flow.flow_token, **item).status == 202
    assert alice.get(f"{new_flow.path}/messages", limit=1).json[0]["title"] == "built"


# Whoever owns the tokens


def test_people_see_and_end_what_they_allowed(server: Server, zoe: int) -> None:
    mine = Caller(server.url, basic(EMAIL, PASSWORD))
    application = register(server, name="Short-lived")
    given = exchanged(application, application.code(scope="flow offline_access")).json
    [token] = [one for one in mine.get("/user/tokens").json if one["application"] == "Short-lived"]
    assert (token["scopes"], token["expires_at"] is None) == (["flow", "offline_access"], False)
    assert mine.delete(f"/user/tokens/{token['id']}").status == 204
    assert bearer(server, given["access_token"]).get("/user").status == 401
    assert application.exchange(grant_type="refresh_token", refresh_token=given["refresh_token"]).status == 400


def test_what_an_application_was_allowed_ends_with_it(server: Server, zoe: int) -> None:
    application = register(server, name="Short-lived")
    token = application.token("flow")
    assert bearer(server, token).get("/user").status == 200
    Caller(server.url, basic(server.second_user.token)).delete(f"/oauth/applications/{application.id}")
    assert bearer(server, token).get("/user").status == 401
    assert application.exchange(**PASSWORDS).json["error"] == "invalid_client"


def test_a_developer_registers_with_address_and_password_as_an_old_client_does(server: Server, zoe: int) -> None:
    developer = Caller(server.url, basic(EMAIL, PASSWORD))
    made = developer.post("/oauth/applications", application={"name": "Old", "redirect_uri": BACK})
    assert made.status == 201
    assert {"client_id", "client_secret"} <= set(made.json)
    renewed = developer.post(f"/oauth/applications/{made.json['id']}/client_secret").json
    old = Application(server, made.json["id"], made.json["client_id"], made.json["client_secret"])
    new = Application(server, renewed["id"], renewed["client_id"], renewed["client_secret"])
    assert (old.exchange(**PASSWORDS).status, new.exchange(**PASSWORDS).status) == (401, 200)
