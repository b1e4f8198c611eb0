"""The npm package `flowdock` 0.9.1, unchanged, on which hubot and other bots stand."""

from collections.abc import Iterator

import pytest

from flowdock.server import passwords
from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.node_client import NodeClient, Session
from tests.contract.plain import Caller

pytestmark = pytest.mark.npm

EMAIL = "zoë+bot@example.com"
PASSWORD = "påss:wörd"


@pytest.fixture(scope="module")
def node(server: Server) -> Iterator[NodeClient]:
    client = NodeClient(api=server.url, stream=server.stream_url)
    yield client
    client.close()


@pytest.fixture
def session(node: NodeClient, server: Server) -> Session:
    return node.session(server.user.token)


@pytest.fixture
def session_of_bob(node: NodeClient, server: Server) -> Session:
    return node.session(server.second_user.token)


@pytest.fixture(scope="module")
def zoe(server: Server) -> int:
    def create(tx: Transaction) -> int:
        stored = passwords.hashed(PASSWORD)
        return setting_up.create_user(
            tx, nick="zoë", email=EMAIL, name="Zoë", password_hash=stored, org=server.org, admin=False
        )

    return server.do(create)


def test_flows_are_listed_with_their_people_and_the_caller_is_told(
    session_of_bob: Session, server: Server, new_flow: NewFlow
) -> None:
    answer = session_of_bob.call("flows")

    flow = next(flow for flow in answer["value"] if flow["id"] == new_flow.id)
    assert answer["headers"]["flowdock-user"] == str(server.second_user.id)
    assert (flow["parameterized_name"], flow["organization"]["parameterized_name"]) == (new_flow.name, new_flow.org)
    assert (flow["open"], flow["joined"]) == (True, True)
    assert [(user["id"], user["nick"], user["in_flow"]) for user in flow["users"]] == [
        (account.id, account.nick, True) for account in (server.user, server.second_user, server.third_user)
    ]


def test_a_person_signs_in_with_address_and_password(node: NodeClient, server: Server, zoe: int) -> None:
    answer = node.session(EMAIL, PASSWORD).call("flows")

    assert (answer["value"], answer["headers"]["flowdock-user"]) == ([], str(zoe))


def test_a_wrong_password_is_refused(node: NodeClient, zoe: int) -> None:
    assert node.session(EMAIL, "guessed").call("flows")["raised"] == "Received status 401"


def test_a_message_is_posted_and_edited(session: Session, alice: Caller, new_flow: NewFlow) -> None:
    posted = session.call("message", new_flow.id, "hi @bob", ["greeting"])

    message = posted["value"]
    assert (posted["status"], message["tags"]) == (201, ["greeting", ":user:2", ":unread:2"])
    assert session.answer("editMessage", new_flow.name, new_flow.org, message["id"], {"content": "hello"}) == {}
    assert alice.get(f"{new_flow.path}/messages/{message['id']}").json["content"] == "hello"


def test_a_reply_goes_to_the_thread_it_names(session: Session, new_flow: NewFlow) -> None:
    started = session.answer("message", new_flow.id, "start", [])

    reply = session.answer("threadMessage", new_flow.id, started["thread_id"], "reply", [])

    assert (reply["thread_id"], reply["thread"]["initial_message"]) == (started["thread_id"], started["id"])


def test_a_comment_on_a_threaded_message_is_a_reply_in_its_thread(session: Session, new_flow: NewFlow) -> None:
    parent = session.answer("message", new_flow.id, "start", [])

    comment = session.answer("comment", new_flow.id, parent["id"], "I agree", [])

    assert (comment["event"], comment["content"], comment["thread_id"]) == ("message", "I agree", parent["thread_id"])


def test_a_comment_on_a_message_without_thread_names_its_parent(session: Session, new_flow: NewFlow) -> None:
    parent = session.answer("status", new_flow.id, "out for lunch")

    comment = session.answer("comment", new_flow.id, parent["id"], "bon appétit", ["food"])

    assert (parent["event"], parent["content"]) == ("status", "out for lunch")
    assert (comment["event"], comment["tags"]) == ("comment", [f"influx:{parent['id']}", "food"])
    assert comment["content"] == {"title": "out for lunch", "text": "bon appétit"}


def test_a_status_is_seen_beside_the_name(session: Session, alice: Caller, new_flow: NewFlow) -> None:
    session.answer("status", new_flow.id, "thinking")

    assert alice.get(f"{new_flow.path}/users").json[0]["status"] == "thinking"


def test_a_private_message_reaches_one_person(session: Session, server: Server) -> None:
    posted = session.answer("privateMessage", server.second_user.id, "psst", [])

    assert (posted["to"], posted["user"], "flow" in posted) == ("2", "1", False)


def test_a_stream_carries_what_others_and_oneself_say(
    session: Session, session_of_bob: Session, new_flow: NewFlow
) -> None:
    stream = session.stream([new_flow.id], {"user": 1})
    assert stream.next() == ("connected", [])

    posted = [one.answer("message", new_flow.id, "hi", []) for one in (session, session_of_bob, session)]

    assert [stream.message()["id"] for _ in posted] == [message["id"] for message in posted]


def test_a_stream_names_flows_by_path_as_well(session: Session, new_flow: NewFlow, server: Server) -> None:
    stream = session.stream([f"{new_flow.org}/{new_flow.name}", f"{server.org}/{server.flow}"], {"active": "idle"})
    assert stream.next() == ("connected", [])

    for flow in (server.flow_id, new_flow.id):
        session.answer("message", flow, "hi", [])

    heard = [stream.message() for _ in range(4)]
    assert {(event["event"], event["flow"]) for event in heard} == {
        (event, flow) for event in ("activity.user", "message") for flow in (server.flow_id, new_flow.id)
    }


def test_private_messages_are_streamed_to_both_when_asked_for(
    session: Session, session_of_bob: Session, new_flow: NewFlow
) -> None:
    streams = [one.stream([new_flow.id], {"user": 1}) for one in (session, session_of_bob)]
    quiet = session.stream([new_flow.id], {})
    for stream in (*streams, quiet):
        stream.wait_for("connected")

    secret = session.answer("privateMessage", 2, "between us", [])
    spoken = session.answer("message", new_flow.id, "for all", [])

    assert [stream.message() for stream in streams] == [as_streamed(secret)] * 2
    assert [stream.message()["id"] for stream in (*streams, quiet)] == [spoken["id"]] * 3


def as_streamed(message: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in message.items() if name not in {"edited", "edited_at"}}


def test_one_flow_that_the_caller_is_not_in_refuses_the_whole_stream(
    session: Session, server: Server, new_flow: NewFlow
) -> None:
    stream = session.stream([new_flow.id, f"{server.org}/nowhere"], {})

    assert stream.next() == ("clientError", [404])
    assert stream.next()[0] == "reconnecting"


def test_a_stream_survives_a_restart_of_the_server(
    session: Session, session_of_bob: Session, server: Server, new_flow: NewFlow
) -> None:
    stream = session.stream([new_flow.id], {})
    stream.wait_for("connected")

    server.stop()
    assert [stream.next() for _ in range(3)] == [
        ("disconnected", []),
        ("clientError", [0, "Disconnected"]),
        ("reconnecting", [0]),
    ]
    server.start()
    stream.wait_for("connected")

    posted = session_of_bob.answer("message", new_flow.id, "back again", [])
    assert stream.message()["id"] == posted["id"]
