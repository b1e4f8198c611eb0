"""Every verb of both flavours against the real server: what it does is seen by somebody else, or asked for again."""

import struct
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

import flowdock
from flowdock import constructors as new
from flowdock.testing import Account, Server
from tests.client.flavours import Connect
from tests.server.outgoing.receiver import Receiver, Reply

RAY = new.author("Ray")
NUMBERS = count(1)
"""Of the flows, whose names are taken once."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def alice(connect: Connect, server: Server) -> Any:
    """Administers everything."""
    return client_of(connect, server, server.user)


@pytest.fixture
def bob(connect: Connect, server: Server) -> Any:
    return client_of(connect, server, server.second_user)


@pytest.fixture
def flow(alice: Any, server: Server) -> Any:
    """A new flow of alice's, with bob in it."""
    made = alice.create_flow(server.org, f"Releases {next(NUMBERS)}", description="What goes out")
    flow = alice(org=server.org, flow=made["parameterized_name"])
    flow.add_user(server.second_user.id)
    return flow


@pytest.fixture
def bobs(flow: Any, bob: Any) -> Any:
    """The same flow as bob has it."""
    return bob(org=flow.org, flow=flow.flow)


def client_of(connect: Connect, server: Server, account: Account) -> Any:
    return connect(token=account.token, api_url=server.url)


def service_of(connect: Connect, server: Server, source: dict[str, Any]) -> Any:
    return connect(flow_token=source["flow_token"], api_url=server.url)


def png(path: Path) -> Path:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b""))
    return path


def test_a_flow_is_made_changed_and_archived(alice: Any, flow: Any) -> None:
    changed = flow.update(name="Release train", description="On time", access_mode="organization")
    assert (changed["name"], changed["description"], changed["access_mode"]) == (
        "Release train",
        "On time",
        "organization",
    )
    assert alice.find_flow(changed["id"])["name"] == flow.info()["name"] == "Release train"
    assert changed["id"] in [one["id"] for one in alice.flows(users=True)]
    assert flow.update(disabled=True)["disabled"] is True
    with pytest.raises(flowdock.Forbidden):
        flow.send("too late")


def test_a_flow_of_the_organization_is_joined_and_left(server: Server, alice: Any, bob: Any) -> None:
    made = alice.create_flow(server.org, f"Open {next(NUMBERS)}", access_mode="organization")
    joining = bob(org=server.org, flow=made["parameterized_name"])
    joined = {one["id"]: one["joined"] for one in bob.all_flows()}
    assert joined[made["id"]] is False
    joining.update(open=True)
    joining.send("here I am")
    assert made["id"] in [one["id"] for one in bob.flows()]
    joining.block(server.second_user.id)
    assert made["id"] not in [one["id"] for one in bob.flows()]


def test_people_are_taken_out_let_in_and_made_admins(server: Server, flow: Any, bobs: Any) -> None:
    uid = server.second_user.id
    flow.block(uid)
    with pytest.raises(flowdock.ApiError):
        bobs.send("anybody?")
    flow.unblock(uid)
    bobs.send("back again")
    with pytest.raises(flowdock.Forbidden):
        bobs.update(description="mine")
    flow.make_admin(uid)
    assert bobs.update(description="mine")["description"] == "mine"
    flow.make_admin(uid, admin=False)
    people = {one["id"]: one["in_flow"] for one in flow.users()}
    assert people == {server.user.id: True, uid: True}
    with pytest.raises(flowdock.Forbidden):
        bobs.update(description="still mine")


def test_a_join_link_is_made_renewed_and_ended(flow: Any) -> None:
    flow.update(access_mode="link")
    first = flow.renew_join_url()["join_url"]
    assert flow.join_url()["join_url"] == first
    assert flow.renew_join_url()["join_url"] != first
    flow.remove_join_url()
    assert flow.join_url()["join_url"] is None


def test_another_api_token_replaces_the_one_before(flow: Any, server: Server) -> None:
    first, second = flow.renew_api_token()["api_token"], flow.renew_api_token()["api_token"]
    said = {"content": "pushed", "external_user_name": "Robo"}
    assert httpx2.post(f"{server.url}/v1/messages/chat/{second}", data=said).status_code == 200
    assert [one["content"] for one in flow.list(search="pushed")] == ["pushed"]
    assert httpx2.post(f"{server.url}/v1/messages/chat/{first}", data=said).status_code != 200


def test_one_changes_oneself(bob: Any, server: Server) -> None:
    assert (
        bob.update_user(server.second_user.id, website="https://bob.example.com")["website"]
        == (bob.user(server.second_user.id)["website"])
    )
    assert bob.me()["website"] == "https://bob.example.com"
    assert bob.get_uid("alice") == server.user.id
    assert {"alice", "bob"} <= {one["nick"] for one in bob.users()}


def test_an_organization_is_looked_at_and_administered(alice: Any, bob: Any, server: Server) -> None:
    org, uid = server.org, server.second_user.id
    [mine] = alice.organizations()
    assert alice.find_organization(mine["id"])["parameterized_name"] == alice.organization(org)["parameterized_name"]
    with pytest.raises(flowdock.Forbidden):
        bob.update_organization(org, name="Bob's")
    assert alice.make_admin(org, uid)["admin"] is True
    assert bob.update_organization(org, name="Bob's")["name"] == "Bob's"
    assert alice.make_admin(org, uid, admin=False)["admin"] is False
    assert alice.organization_user(org, uid)["admin"] is False
    assert {one["id"] for one in alice.audit_users(org)} == {one["id"] for one in alice.organization_users(org)}


def test_whoever_leaves_the_organization_leaves_its_flows(connect: Connect, tmp_path: Path) -> None:
    with Server(tmp_path) as own:
        alice, carol = (client_of(connect, own, one) for one in (own.user, own.third_user))
        carol(org=own.org, flow=own.flow).send("not for long")
        alice.remove_user(own.org, own.third_user.id)
        assert carol.flows() == []
        assert own.third_user.id not in [one["id"] for one in alice.organization_users(own.org)]


def test_an_emoji_of_ones_own_is_added_and_removed(alice: Any, flow: Any, server: Server, tmp_path: Path) -> None:
    alice.add_emoji(server.org, ":shipit:", png(tmp_path / "squirrel.png"))
    assert len(alice.emoji(server.org)) == 1
    message = flow.send("out it goes")
    flow.react(message["id"], "shipit")
    alice.remove_emoji(server.org, "shipit")
    assert alice.emoji(server.org) == []


def test_a_provisioner_gets_a_token_that_ends(alice: Any, server: Server) -> None:
    first, second = alice.renew_scim_token(server.org), alice.renew_scim_token(server.org)
    assert first["url"] == second["url"]
    assert [users_provisioned(one) for one in (first, second)] == [403, 200]
    alice.remove_scim_token(server.org)
    assert users_provisioned(second) == 403


def users_provisioned(given: dict[str, str]) -> int:
    """The status with which a provisioner is shown the people."""
    return httpx2.get(f"{given['url']}/Users", headers={"Authorization": f"Bearer {given['token']}"}).status_code


def test_a_private_conversation_is_opened_closed_and_reacted_in(alice: Any, bob: Any, server: Server) -> None:
    private = alice(name="bob")
    assert private.open()["open"] is True
    message = private.send("psst")
    theirs = bob(uid=server.user.id)
    theirs.react(message["id"], "tada")
    theirs.typing()
    assert "tada" in str(private.show(message["id"]))
    theirs.unreact(message["id"], "tada")
    assert "tada" not in str(private.show(message["id"]))
    assert private.close_conversation()["open"] is private.info()["open"] is False
    assert server.second_user.id not in [one["id"] for one in alice.conversations() if one["open"]]


def test_messages_are_remarked_on_and_reacted_to(flow: Any, bobs: Any) -> None:
    message = flow.send("Released", tags=["news"])
    comment = bobs.comment(message["id"], "At last")
    assert flow.show(comment["id"])["thread_id"] == message["thread_id"]
    bobs.react(message["id"], "tada")
    assert "tada" in str(flow.show(message["id"]))
    bobs.unreact(message["id"], "tada")
    assert "tada" not in str(flow.show(message["id"]))
    bobs.typing()
    assert flow.show(bobs.status("at lunch")["id"])["content"] == "at lunch"
    assert flow.show(bobs.line("waves")["id"])["event"] == "line"


def test_what_is_sent_again_under_its_uuid_is_kept_once(server: Server, connect: Connect, flow: Any) -> None:
    private = connect(token=server.user.token, uid=server.second_user.id, api_url=server.url)
    first = flow.send("once", uuid="chosen")
    thread = flow.thread(first["thread_id"])
    for number, say in enumerate((thread.send, private.send, flow.line, flow.status)):
        assert say("again", uuid=f"chosen {number}")["id"] == say("again", uuid=f"chosen {number}")["id"]
    assert flow.send("once", uuid="chosen")["id"] == first["id"]


def test_a_message_moves_to_another_thread_and_out_of_it(flow: Any) -> None:
    question, stray = flow.send("When?"), flow.send("Tomorrow")
    flow.rethread(stray["id"], question["thread_id"])
    assert [one["content"] for one in flow.thread(question["thread_id"]).list()] == ["When?", "Tomorrow"]
    flow.rethread(stray["id"])
    assert flow.show(stray["id"])["thread_id"] not in {None, question["thread_id"]}


def test_what_waits_is_told_and_read(flow: Any, bobs: Any, bob: Any) -> None:
    bobs.mark_read()
    first, second = flow.send("@bob, one"), flow.send("@bob, two")
    assert bobs.unread()["messages"] == [first["id"], second["id"]]
    assert flow.info()["id"] in [one["flow"] for one in bob.unread() if one["count"]]
    assert bob.unread_mentions(limit=1)[0]["message"]["id"] == second["id"]
    assert bobs.mark_read(until_id=first["id"])["messages"] == [second["id"]]
    assert bobs.mark_read(thread_id=second["thread_id"])["count"] == 0
    assert second["id"] in [one["message"]["id"] for one in bob.mentions()]


def test_everything_is_searched_page_by_page(flow: Any, bob: Any) -> None:
    said = [flow.send(f"zebra {number}")["id"] for number in range(3)]
    asked = f"zebra in:{flow.org}/{flow.flow}"
    page = bob.search(asked, limit=2)
    rest = bob.search(asked, limit=2, cursor=page["next"])
    found = [hit["message"]["id"] for one in (page, rest) for hit in one["results"]]
    assert found == said[::-1]
    assert rest["next"] is None


def test_a_limited_token_is_limited_until_it_ends(bob: Any, connect: Connect, server: Server) -> None:
    made = bob.create_token("backup", scopes=["private"])
    limited = connect(token=made["token"], api_url=server.url)
    assert limited(name="alice").list() is not None
    with pytest.raises(flowdock.Forbidden):
        limited(org=server.org, flow=server.flow).send("no")
    assert made["id"] in [one["id"] for one in bob.tokens()]
    bob.revoke_token(made["id"])
    with pytest.raises(flowdock.Unauthorized):
        limited.me()
    assert made["id"] not in [one["id"] for one in bob.tokens()]


def test_an_application_is_registered_changed_and_removed(bob: Any) -> None:
    made = bob.create_application("Tracker", "https://tracker.example/back")
    assert bob.update_application(made["id"], name="Tracker 2")["name"] == bob.application(made["id"])["name"]
    assert bob.renew_client_secret(made["id"])["client_secret"] != made["client_secret"]
    assert made["id"] in [one["id"] for one in bob.applications()]
    bob.remove_application(made["id"])
    with pytest.raises(flowdock.NotFound):
        bob.application(made["id"])


def test_a_webhook_is_told_and_told_again(flow: Any, receiver: Receiver) -> None:
    made = flow.create_webhook(f"{receiver.url}/hook", events=["message"])
    message = flow.send("tell them")
    assert b"tell them" in receiver.next().body
    [delivery] = flow.deliveries(made["id"], limit=1)
    assert delivery["message"] == message["id"]
    flow.replay(made["id"], delivery["id"])
    assert b"tell them" in receiver.next().body
    assert flow.update_webhook(made["id"], active=False)["active"] is flow.webhook(made["id"])["active"] is False
    flow.remove_webhook(made["id"])
    assert flow.webhooks() == []


def test_a_source_presents_until_it_is_removed(
    alice: Any, flow: Any, connect: Connect, server: Server, tmp_path: Path
) -> None:
    source = flow.create_source("CI", "https://ci.example.com")
    service = service_of(connect, server, source)
    shown = service.present("7", RAY, "built", thread=new.thread("Build 7"), wait=True)
    assert flow.thread(shown["thread_id"]).show()["title"] == "Build 7"
    assert service.present("7", RAY, "built again") is None
    path = png(tmp_path / "plan.png")
    drawn = service.attach({"plan": path}, "7", RAY, "drew", body='<img src="cid:plan">')
    [attachment] = flow.show(drawn["id"])["attachments"]
    assert flow.download(attachment["path"]) == path.read_bytes()
    said = service.send("hello", "Robo")
    assert flow.show(said["id"])["external_user_name"] == "Robo"
    comment = service.comment(said["id"], "and more", "Robo")
    assert flow.show(comment["id"])["thread_id"] == said["thread_id"]
    service.problem("the password has expired")
    assert flow.source(source["id"])["error_message"] == "the password has expired"
    assert service.problem(None)["error_message"] == ""
    assert flow.update_source(source["id"], name="CI 2")["name"] == service.source()["name"] == "CI 2"
    assert service.update(name="CI 3")["name"] == "CI 3"
    assert source["id"] in [one["id"] for one in flow.sources()]
    assert source["id"] in [one["id"] for one in alice.sources()]
    flow.remove_source(source["id"])
    with pytest.raises(flowdock.Gone):
        service.present("7", RAY, "built", thread=new.thread("Build 7"))


def pressed(alice: Any, flow: Any, connect: Connect, server: Server, url: str) -> Any:
    """What came of a button that leads there."""
    application = alice.create_application("Builds")
    source = flow.create_source("CI", application_id=application["id"])
    button = new.update_action("Retry", url)
    service = service_of(connect, server, source)
    shown = service.present("7", RAY, "built", thread=new.thread("Build 7", actions=[button]), wait=True)
    thread = flow.thread(shown["thread_id"])
    [offered] = thread.show()["actions"]
    return thread.run_action(offered["target"]["urlTemplate"].rpartition("/")[2])


CHALLENGE = {"WWW-Authenticate": "Flowdock-Token url=https://ci.example.com/login"}


@pytest.mark.parametrize(
    "reply,done,status,url",
    [
        (Reply(), True, 200, None),
        (Reply(500), False, 500, None),
        (Reply(401, headers=CHALLENGE), False, 401, "https://ci.example.com/login"),
    ],
)
def test_a_button_tells_what_came_of_it(
    *,
    reply: Reply,
    done: bool,
    status: int,
    url: str | None,
    alice: Any,
    flow: Any,
    connect: Connect,
    server: Server,
    receiver: Receiver,
) -> None:
    receiver.answer = lambda _: reply
    result = pressed(alice, flow, connect, server, receiver.url)
    assert (result["done"], result["status"], result["url"]) == (done, status, url)
    assert result["message"].startswith("Retry is done" if done else "Retry is not done")


def test_a_button_that_leads_nowhere_is_an_answer_too(alice: Any, flow: Any, connect: Connect, server: Server) -> None:
    with Receiver() as gone:
        url = gone.url
    result = pressed(alice, flow, connect, server, url)
    assert (result["done"], result["status"], result["url"]) == (False, None, None)


def test_a_button_pressed_with_a_wrong_token_is_refused(connect: Connect, server: Server) -> None:
    nobody = connect(token="wrong", api_url=server.url)
    with pytest.raises(flowdock.Unauthorized):
        nobody(org=server.org, flow=server.flow).thread("t").run_action("key")


def test_people_are_invited_and_come_in(flow: Any, connect: Connect, server: Server) -> None:
    stranger = server.stranger()
    made = flow.invite(stranger.email, "come in")
    assert flow.invitation(made["id"])["state"] == "pending"
    accepted = client_of(connect, server, stranger).accept_invitation(made["invitation_url"].rpartition("/")[2])
    assert accepted["flow"] == flow.info()["id"]
    assert flow.invitation(made["id"])["state"] == "accepted"
    assert stranger.id in [one["id"] for one in flow.users()]


def test_many_are_invited_at_once_and_one_no_longer(flow: Any) -> None:
    flow.import_invitations('"Dora" <dora@example.com>, erin@example.com, nonsense')
    waiting = {one["email"]: one["id"] for one in flow.invitations()}
    assert waiting.keys() == {"dora@example.com", "erin@example.com"}
    flow.cancel_invitation(waiting["dora@example.com"])
    assert [one["email"] for one in flow.invitations()] == ["erin@example.com"]
