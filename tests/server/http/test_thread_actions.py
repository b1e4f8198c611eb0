"""Thread actions over HTTP, from the person who wants something done to an integration on this machine."""

import json
import socket
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from flowdock import actions
from flowdock.server.http.thread_actions import ACTIONS
from flowdock.server.store import applications, sources
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.flows import NewFlow, make_flow
from tests.contract.plain import Answer, Caller, ask, basic
from tests.server.outgoing.receiver import Receiver, Reply


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def flow(server: Server) -> NewFlow:
    return make_flow(server)


@pytest.fixture
def bob(server: Server) -> Caller:
    return Caller(server.url, basic(server.second_user.token))


def retry(url: str, method: str = "POST") -> dict[str, Any]:
    target = {"@type": "EntryPoint", "urlTemplate": url, "httpMethod": method}
    return {"@type": "UpdateAction", "name": "Retry", "target": target}


def present(server: Server, flow: NewFlow, *offered: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The message by which an integration offers these actions."""
    answer = Caller(server.url, {"X-flowdock-wait-for-message": "true"}).post(
        "/messages",
        flow_token=flow.flow_token,
        event="activity",
        title="built",
        author={"name": "Robo"},
        **{"external_thread_id": "7", "thread": {"title": "Build 7", "actions": list(offered)}, **more},
    )
    assert answer.status == 201, answer.body
    message: dict[str, Any] = answer.json
    return message


def address_of(thread: dict[str, Any]) -> str:
    """The path of what stands in place of the first UpdateAction's own address."""
    [url, *_] = [one["target"]["urlTemplate"] for one in thread["actions"] if "target" in one]
    return str(urlsplit(url).path)


def secret_of(server: Server, flow: NewFlow) -> str:
    def read(tx: Transaction) -> str:
        source = sources.find(tx, flow.source_id)
        assert source is not None
        return applications.secret_of_any(tx, source.application_id)

    return server.do(read)


def test_the_integration_is_asked_in_the_name_of_the_person(
    server: Server, flow: NewFlow, bob: Caller, receiver: Receiver
) -> None:
    action = retry(f"{receiver.url}/7/retry?x=1", "PUT")
    thread = present(server, flow, action)["thread"]

    answer = bob.post(address_of(thread))

    assert (answer.status, answer.json) == (200, {"done": True, "status": 200, "message": "Retry is done", "url": None})
    request = receiver.next()
    assert (request.method, request.path) == ("PUT", "/7/retry?x=1")
    said = json.loads(request.body)
    agent = said.pop("agent")
    assert said == action
    assert (agent["@type"], agent["name"]) == ("Person", "Bob Example")
    assert agent["image"].startswith(f"{server.url}/avatars/")
    secret = secret_of(server, flow)
    token = jwt.decode(request.headers["flowdock-token"], OctKey.import_key(secret))
    assert token.header["alg"] == "HS256"
    assert token.claims["sub"] == str(server.second_user.id)
    assert token.claims["signature"] == sha256(request.body).hexdigest()
    assert actions.verify(request.headers, request.body, secret)["user_id"] == server.second_user.id


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_any_method_has_it_done(server: Server, flow: NewFlow, bob: Caller, receiver: Receiver, method: str) -> None:
    thread = present(server, flow, retry(receiver.url, "POST"))["thread"]
    assert ask(server.url, method, address_of(thread), headers=bob.headers).status == 200
    assert receiver.next().method == "POST"


def test_a_look_at_the_address_does_nothing(server: Server, flow: NewFlow, bob: Caller, receiver: Receiver) -> None:
    thread = present(server, flow, retry(receiver.url))["thread"]
    assert ask(server.url, "HEAD", address_of(thread), headers=bob.headers).status == 405
    assert receiver.came.empty()


def test_everywhere_the_address_is_ours(server: Server, flow: NewFlow, bob: Caller) -> None:
    view = {"@type": "ViewAction", "name": "Open", "url": "https://ci.example/7"}
    with bob.stream(f"/stream{flow.path}") as stream:
        item = present(server, flow, view, {"@type": "BuyAction"}, retry("https://inside.example/secret"))
        reply = bob.post(f"{flow.path}/messages", event="message", content="on it", thread_id=item["thread_id"]).json
        streamed = [stream.next(), stream.next()]
    listed = bob.get(f"{flow.path}/threads").json[0]
    shown = bob.get(f"{flow.path}/threads/{item['thread_id']}").json
    threads = [item["thread"], reply["thread"], listed, shown, *(one["thread"] for one in streamed)]
    assert all("inside.example" not in json.dumps(thread) for thread in threads)
    assert {address_of(thread) for thread in threads} == {address_of(shown)}
    assert shown["actions"][0] == view
    assert len(shown["actions"]) == 2


def test_only_members_have_something_done(server: Server, flow: NewFlow, bob: Caller, receiver: Receiver) -> None:
    path = address_of(present(server, flow, retry(receiver.url))["thread"])
    stranger = Caller(server.url, basic(server.stranger().token))
    answers = [stranger.post(path), Caller(server.url).post(path)]
    assert [answer.status for answer in answers] == [404, 401]
    assert receiver.came.empty()


def test_an_address_that_we_did_not_make_leads_nowhere(
    server: Server, flow: NewFlow, bob: Caller, receiver: Receiver
) -> None:
    path = address_of(present(server, flow, retry(receiver.url))["thread"])
    other = address_of(present(server, flow, retry(receiver.url), external_thread_id="8")["thread"])
    start, _, key = path.rpartition("/")
    for wrong in (
        f"{start}/{'0' * 40}",
        f"{start}/x",
        f"{start}/{other.rpartition('/')[2]}",
        f"{start}/%C3%A9",
        f"{start}/{key}0",
    ):
        assert bob.post(wrong).status == 404
    assert receiver.came.empty()


def test_the_address_of_an_action_that_was_changed_leads_nowhere(
    server: Server, flow: NewFlow, bob: Caller, receiver: Receiver
) -> None:
    old = address_of(present(server, flow, retry(receiver.url))["thread"])
    new = address_of(present(server, flow, retry(f"{receiver.url}/new"))["thread"])
    assert (bob.post(old).status, bob.post(new).status) == (404, 200)


def told(answer: Answer) -> str:
    message: str = answer.json["message"]
    return message


def test_who_has_to_sign_in_there_first_is_told_where(
    server: Server, flow: NewFlow, bob: Caller, receiver: Receiver
) -> None:
    receiver.answer = lambda _: Reply(
        401, b"internal", {"WWW-Authenticate": "Flowdock-Token url=https://ci.example/login?back=1"}
    )
    answer = bob.post(address_of(present(server, flow, retry(receiver.url))["thread"]))
    assert (answer.status, answer.json["done"], answer.json["url"]) == (401, False, "https://ci.example/login?back=1")
    assert answer.headers["WWW-Authenticate"] == "Flowdock-Token url=https://ci.example/login?back=1"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, b"internal"),
        Reply(302, b"internal", {"Location": "http://169.254.169.254/"}),
        Reply(401, b"internal"),
        Reply(401, b"internal", {"WWW-Authenticate": "Basic realm=internal"}),
        Reply(401, b"internal", {"WWW-Authenticate": "Flowdock-Token url=javascript:internal"}),
    ],
)
def test_of_another_answer_only_the_status_is_told(
    server: Server, flow: NewFlow, bob: Caller, receiver: Receiver, reply: Reply
) -> None:
    receiver.answer = lambda _: reply
    answer = bob.post(address_of(present(server, flow, retry(receiver.url))["thread"]))
    assert (answer.status, told(answer)) == (502, f"Retry is not done: the integration answered {reply.status}")
    assert (answer.json["done"], answer.json["status"], answer.json["url"]) == (False, reply.status, None)
    assert b"internal" not in answer.body


def test_an_integration_that_is_not_there_is_told_of(server: Server, flow: NewFlow, bob: Caller) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        thread = present(server, flow, retry(f"http://127.0.0.1:{taken.getsockname()[1]}"))["thread"]
        answer = bob.post(address_of(thread))
    assert (answer.status, told(answer)) == (502, "the integration cannot be asked: nobody answers there")


def test_an_integration_that_takes_too_long_is_waited_for_no_longer(tmp_path: Path) -> None:
    never = threading.Event()
    with Receiver(lambda _: Reply(release=never)) as receiver, Server(tmp_path, outgoing_seconds=0.2) as server:
        bob, flow = Caller(server.url, basic(server.second_user.token)), make_flow(server)
        answer = bob.post(address_of(present(server, flow, retry(receiver.url))["thread"]))
        never.set()
    assert (answer.status, told(answer)) == (504, "Retry may not be done: there was no answer within 0.2 seconds")


def test_an_address_inside_is_not_asked(tmp_path: Path) -> None:
    with Receiver() as receiver, Server(tmp_path, outgoing_networks=()) as server:
        bob, flow = Caller(server.url, basic(server.second_user.token)), make_flow(server)
        answer = bob.post(address_of(present(server, flow, retry(receiver.url))["thread"]))
        assert answer.status == 502
        assert "not a public address" in told(answer)
        assert receiver.came.empty()


def test_nobody_has_things_done_without_end(tmp_path: Path) -> None:
    with Receiver() as receiver, Server(tmp_path) as server:
        bob, flow = Caller(server.url, basic(server.second_user.token)), make_flow(server)
        path = address_of(present(server, flow, retry(receiver.url))["thread"])
        statuses = [bob.post(path).status for _ in range(ACTIONS + 1)]
    assert statuses == [200] * ACTIONS + [429]
    assert receiver.came.qsize() == ACTIONS


def test_an_action_without_a_name_is_told_of_all_the_same(
    server: Server, flow: NewFlow, bob: Caller, receiver: Receiver
) -> None:
    nameless = {name: value for name, value in retry(receiver.url).items() if name != "name"}
    answer = bob.post(address_of(present(server, flow, nameless)["thread"]))
    assert told(answer) == "the action is done"


def test_when_the_source_is_gone_nobody_does_it(server: Server, flow: NewFlow, bob: Caller, receiver: Receiver) -> None:
    path = address_of(present(server, flow, retry(receiver.url))["thread"])
    server.do(lambda tx: sources.remove(tx, flow.source_id))
    answer = bob.post(path)
    assert (answer.status, "source" in told(answer)) == (502, True)


def test_a_thread_without_a_source_shows_nothing_to_be_done(server: Server, flow: NewFlow, bob: Caller) -> None:
    chat = bob.post(f"{flow.path}/messages", event="message", content="lunch?").json
    item = present(server, flow, retry("https://ci.example"), thread_id=chat["thread_id"])
    assert item["thread"]["actions"] == []
