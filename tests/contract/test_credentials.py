"""Credentials in every form in which a client was seen to bring them."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import urlencode

import httpx2
import pytest

from flowdock.server import passwords
from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Answer, Caller, Stream, ask, basic

Posting: TypeAlias = Callable[[Server, str, Mapping[str, str]], Answer]

EMAIL = "zoë+bot@example.com"
PASSWORD = "påss:wörd ☂"
REALM = 'Basic realm="Flowdock"'

SEEN_PASSWORDS = ["", "DUMMY", "X", "BATMAN", "foobar", "secret", "flowdock-stats", "undefined"]

SLOPPY = {
    "no colon": "Basic {base64}",
    "no colon, no padding": "Basic {unpadded}",
    "rubbish after it": "Basic {base64}:some-text",
    "rubbish after a blank": "Basic {base64} and more",
    "a newline within": "Basic {with_newline}",
    "blanks around it": "Basic   {base64}  ",
    "another case": "basic {base64}",
}

WRONG: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "an unknown token": basic("0" * 32),
    "an empty user": basic(""),
    "no base64": {"Authorization": "Basic %%%"},
    "half a byte": {"Authorization": "Basic A"},
    "no scheme": {"Authorization": "0123456789abcdef"},
    "another scheme": {"Authorization": "Digest username=alice"},
    "an unknown bearer": {"Authorization": "Bearer nobody"},
    "an empty bearer": {"Authorization": "Bearer "},
    "an unknown address": basic("nobody@example.com", "guess"),
    "a wrong password": basic(EMAIL, "guess"),
    "no password": basic(EMAIL),
    "somebody without a password": basic("alice@example.com", ""),
}

BROWSERS = [{"Origin": "https://app.example"}, {"Sec-Fetch-Mode": "cors"}, {"X-Requested-With": "XMLHttpRequest"}]


@pytest.fixture(scope="module")
def zoe(server: Server) -> str:
    """The id of somebody with a password, in the server's flow."""

    def create(tx: Transaction) -> int:
        stored = passwords.hashed(PASSWORD)
        user_id = setting_up.create_user(
            tx, nick="zoë", email=EMAIL, name="Zoë", password_hash=stored, org=server.org, admin=False
        )
        setting_up.add_to_flow(tx, org=server.org, flow=server.flow, user_id=user_id, by=server.user.id)
        return user_id

    return str(server.do(create))


def assert_is(user_id: str, server: Server, headers: Mapping[str, str]) -> None:
    """These credentials mean this user, to the API and to the stream."""
    me = ask(server.url, "GET", "/user", headers=headers)
    assert (me.status, me.headers["Flowdock-User"]) == (200, user_id), me.body
    assert str(me.json["id"]) == user_id
    with Stream(server.url, f"/stream/flows/{server.org}/{server.flow}", headers) as stream:
        assert (stream.status, stream.headers["Flowdock-User"]) == (200, user_id)


def post(server: Server, target: str, *, body: bytes = b"", content_type: str = "", **headers: str) -> Answer:
    sent = {"Content-Type": content_type, **headers} if content_type else headers
    return ask(server.url, "POST", target, headers=sent, body=body)


# A personal token


@pytest.mark.parametrize("password", SEEN_PASSWORDS)
def test_a_token_is_the_user_name_of_basic_whatever_the_password(server: Server, password: str) -> None:
    assert_is("1", server, basic(server.user.token, password))


@pytest.mark.parametrize("form", SLOPPY.values(), ids=SLOPPY.keys())
def test_a_token_comes_in_sloppy_base64(server: Server, form: str) -> None:
    token = server.second_user.token
    base64 = b64encode(token.encode()).decode()
    with_newline = b64encode(f"{token}\n".encode()).decode()

    header = form.format(base64=base64, unpadded=base64.rstrip("="), with_newline=with_newline)

    assert_is("2", server, {"Authorization": header})


def test_a_token_comes_in_the_url(server: Server) -> None:
    url = server.url.replace("http://", f"http://{server.third_user.token}@")

    assert httpx2.get(f"{url}/user").headers["Flowdock-User"] == "3"


def test_a_token_comes_as_a_bearer(server: Server) -> None:
    assert_is("1", server, {"Authorization": f"Bearer {server.user.token}"})


def test_a_token_comes_as_access_token_in_the_query(server: Server) -> None:
    query = f"access_token={server.second_user.token}"

    assert ask(server.url, "GET", f"/user?{query}").headers["Flowdock-User"] == "2"
    with Stream(server.url, f"/stream/flows/{server.org}/{server.flow}?{query}", {}) as stream:
        assert (stream.status, stream.headers["Flowdock-User"]) == (200, "2")


# E-mail address and password


def test_an_address_and_a_password_in_every_alphabet(server: Server, zoe: str) -> None:
    assert_is(zoe, server, basic(EMAIL, PASSWORD))


def test_an_address_is_the_same_in_capitals(server: Server, zoe: str) -> None:
    assert_is(zoe, server, basic(EMAIL.upper(), PASSWORD))


# The token of a source


def flow_token_in_query(server: Server, token: str, parameters: Mapping[str, str]) -> Answer:
    return post(server, f"/messages?{urlencode({**parameters, 'flow_token': token})}")


def flow_token_in_query_beside_json(server: Server, token: str, parameters: Mapping[str, str]) -> Answer:
    return Caller(server.url).post(f"/messages?flow_token={token}", **parameters)


def flow_token_in_form(server: Server, token: str, parameters: Mapping[str, str]) -> Answer:
    body = urlencode({**parameters, "flow_token": token}).encode()
    return post(server, "/messages", body=body, content_type="application/x-www-form-urlencoded; charset=UTF-8")


def flow_token_in_json(server: Server, token: str, parameters: Mapping[str, str]) -> Answer:
    return Caller(server.url).post("/messages", **parameters, flow_token=token)


@pytest.mark.parametrize(
    "send", [flow_token_in_query, flow_token_in_query_beside_json, flow_token_in_form, flow_token_in_json]
)
def test_a_flow_token_posts_into_its_flow(server: Server, alice: Caller, new_flow: NewFlow, send: Posting) -> None:
    answer = send(server, new_flow.flow_token, {"event": "message", "content": "built"})

    assert (answer.status, answer.body, answer.headers["Flowdock-User"]) == (202, b"{}", None)
    assert alice.get(f"{new_flow.path}/messages?limit=1").json[0]["content"] == "built"


def test_a_flow_token_uploads_a_file_from_the_query(server: Server, alice: Caller, new_flow: NewFlow) -> None:
    target = f"/messages?flow_token={new_flow.flow_token}"

    answer = Caller(server.url, {"X-flowdock-wait-for-message": "10000"}).post_file(target, "log.txt", b"all is well")

    assert (answer.status, answer.json["content"]["file_name"]) == (201, "log.txt")
    path = answer.json["content"]["path"]
    assert alice.get(path).status == 302


def test_whoever_waits_gets_the_message_of_a_flow_token(server: Server, new_flow: NewFlow) -> None:
    waiting = Caller(server.url, {"X-flowdock-wait-for-message": "true"})

    answer = waiting.post("/messages", flow_token=new_flow.flow_token, event="message", content="hi")

    message = answer.json
    assert (answer.status, message["user"], message["flow"]) == (201, "0", new_flow.id)
    assert message["thread_id"] == message["thread"]["id"]


def test_a_flow_token_comments_in_its_flow(server: Server, alice: Caller, new_flow: NewFlow) -> None:
    parent = alice.post(f"{new_flow.path}/messages", event="message", content="hi").json["id"]

    answer = Caller(server.url).post("/comments", flow_token=new_flow.flow_token, message=parent, content="hello")

    assert (answer.status, answer.body) == (202, b"{}")
    assert alice.get(f"{new_flow.path}/messages?limit=1").json[0]["content"] == "hello"


def test_a_flow_token_reads_nothing(server: Server, new_flow: NewFlow) -> None:
    query = f"flow_token={new_flow.flow_token}"

    assert ask(server.url, "GET", f"{new_flow.path}/messages?{query}").status == 401
    assert ask(server.url, "GET", f"/stream{new_flow.path}?{query}").status == 401


def test_the_flow_token_of_a_removed_source_is_gone_at_once(server: Server, new_flow: NewFlow) -> None:
    hi = {"flow_token": new_flow.flow_token, "event": "message", "content": "hi"}
    assert Caller(server.url).post("/messages", **hi).status == 202

    server.do(lambda tx: setting_up.remove_source(tx, new_flow.source_id))

    answer = Caller(server.url).post("/messages", **hi)
    assert (answer.status, list(answer.json)) == (410, ["message"])


def test_an_unknown_flow_token_is_refused(server: Server) -> None:
    assert Caller(server.url).post("/messages", flow_token="f" * 32, event="message", content="hi").status == 401


# Refusals


@pytest.mark.parametrize("target", ["/user", "/flows", "/stream/flows?user=1", "/files/1/AbCdEfGhIjKlMnOpQrStUv/a.txt"])
@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
def test_no_or_wrong_credentials_are_refused_with_a_message(
    server: Server, zoe: str, headers: Mapping[str, str], target: str
) -> None:
    answer = ask(server.url, "GET", target, headers=headers)

    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, REALM)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert isinstance(answer.json["message"], str)
    assert "Flowdock-User" not in answer.headers


@pytest.mark.parametrize("headers", BROWSERS, ids=str)
def test_a_browsers_page_is_not_made_to_pop_up_a_login(server: Server, headers: Mapping[str, str]) -> None:
    answer = ask(server.url, "GET", "/user", headers=headers)

    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, None)


def test_who_was_refused_something_is_told_who_they_are_all_the_same(alice: Caller) -> None:
    answer = alice.get("/flows/acme/nowhere")

    assert (answer.status, answer.headers["Flowdock-User"]) == (404, "1")
