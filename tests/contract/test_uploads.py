"""Files posted to the address that a flow gives for its files."""

from base64 import b64encode

from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Caller, basic

WAITING = {"X-flowdock-wait-for-message": "1"}


def address(alice: Caller, flow: NewFlow) -> str:
    """Where the flow says that its files go."""
    href: str = alice.get(flow.path).json["_links"]["files"]["href"]
    return href.removeprefix(alice.url)


def test_a_part_becomes_a_file_of_the_flow(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    answer = alice.post_file(address(alice, new_flow), "plan b.txt", b"run")

    message = answer.json
    assert (answer.status, message["event"], message["tags"], message["flow"]) == (201, "file", [":file"], new_flow.id)
    assert bob.get(f"{new_flow.path}/messages/{message['id']}").json == message
    assert bob.get(message["content"]["path"].replace(" ", "%20")).status == 302


def test_json_may_carry_it_and_name_a_thread(alice: Caller, new_flow: NewFlow) -> None:
    thread = alice.post(f"{new_flow.path}/messages", event="message", content="hi").json["thread_id"]
    content = {"data": b64encode(b"run").decode(), "content_type": "text/plain", "file_name": "plan.txt"}

    answer = alice.post(address(alice, new_flow), content=content, thread_id=thread, tags=["plan"], uuid="once")
    again = alice.post(address(alice, new_flow), content=content, thread_id=thread, tags=["plan"], uuid="once")

    assert (answer.status, answer.json["thread_id"], answer.json["tags"]) == (201, thread, ["plan", ":file"])
    assert again.json == answer.json


def test_a_source_uploads_to_its_own_flow_alone(alice: Caller, server: Server, new_flow: NewFlow) -> None:
    own, other = address(alice, new_flow), address(alice, NewFlow(server.org, server.flow, "", "", 0))
    service = Caller(server.url, WAITING)

    assert service.post_file(f"{own}?flow_token={new_flow.flow_token}", "log.txt", b"well").status == 201
    assert service.post_file(f"{other}?flow_token={new_flow.flow_token}", "log.txt", b"well").status == 404


def test_whoever_is_not_in_the_flow_is_told_that_there_is_nothing(
    alice: Caller, server: Server, new_flow: NewFlow
) -> None:
    stranger = Caller(server.url, basic(server.stranger().token))

    for path in (address(alice, new_flow), "/files/0", f"/files/{1 << 70}", "/files/x"):
        assert stranger.post_file(path, "a.txt", b"a").status == 404


def test_what_is_no_file_is_refused(alice: Caller, new_flow: NewFlow) -> None:
    answer = alice.post(address(alice, new_flow), content="text", event="message")

    assert (answer.status, list(answer.json["errors"])) == (400, ["content"])
