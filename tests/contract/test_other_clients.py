"""What clients that cannot be run here were seen to do, call by call."""

from base64 import b64encode

import pytest

from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Answer, Caller, ask, basic

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def say(caller: Caller, flow: NewFlow, content: str, **more: object) -> Answer:
    return caller.post(f"{flow.path}/messages", event="message", content=content, **more)


def test_lita_comments_on_the_first_message_and_sees_its_reply_in_the_thread(alice: Caller, new_flow: NewFlow) -> None:
    thread = say(alice, new_flow, "Lita, hi").json["thread"]
    comment = {"event": "comment", "flow": new_flow.id, "message": thread["initial_message"], "content": "hi"}

    answer = alice.post("/v1/comments", **comment)

    assert (answer.status, answer.json["event"], answer.json["content"]) == (201, "message", "hi")
    assert answer.json["thread"]["initial_message"] == thread["initial_message"]


def test_the_ruby_gem_comments_by_the_path_of_a_message(alice: Caller, new_flow: NewFlow) -> None:
    message = say(alice, new_flow, "hi").json

    answer = alice.post(f"/v1{new_flow.path}/messages/{message['id']}/comments", content="hello", tags="a,b")

    assert (answer.status, answer.json["thread_id"], answer.json["tags"]) == (201, message["thread_id"], ["a", "b"])


def test_a_comment_cannot_be_commented_on(alice: Caller, new_flow: NewFlow) -> None:
    status = alice.post(f"{new_flow.path}/messages", event="status", content="away").json
    comment = alice.post("/comments", flow=new_flow.id, message=status["id"], content="where?").json

    answer = alice.post("/comments", flow=new_flow.id, message=comment["id"], content="far")

    assert (answer.status, list(answer.json["errors"])) == (400, ["message"])


def test_the_ruby_gem_sends_anonymously_and_reads_errors_as_lists(alice: Caller, new_flow: NewFlow) -> None:
    sent = say(alice, new_flow, "beep", external_user_name="Robot").json
    refused = say(alice, new_flow, "beep", external_user_name="Robot Number One")

    assert (sent["user"], sent["external_user_name"]) == ("0", "Robot")
    assert refused.json["errors"] == {"external_user_name": ["should not contain whitespace"]}


def test_the_cpp_client_reacts_by_a_short_name(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    message = say(alice, new_flow, "hi").json
    path = f"{new_flow.path}/messages/{message['id']}"

    def react(caller: Caller, kind: str) -> dict[str, list[str]]:
        answer = caller.post(f"{path}/emoji_reaction", type=kind, emoji="grinning")
        assert (answer.status, answer.body) == (200, b"{}")
        reactions: dict[str, list[str]] = alice.get(path).json["emojiReactions"]
        return reactions

    assert message["emojiReactions"] == {}
    assert [react(caller, "add") for caller in (alice, bob, bob)][1:] == [{"grinning": ["1", "2"]}] * 2
    assert [react(caller, "remove") for caller in (alice, alice, bob)] == [{"grinning": ["2"]}, {"grinning": ["2"]}, {}]


def test_notifybot_reads_tags_and_puts_them_back_with_one_more(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    message = say(alice, new_flow, "see http://example.org", tags=["ref"]).json
    tags = ",".join([*message["tags"], "notified"])

    ask(
        bob.url,
        "PUT",
        f"{new_flow.path}/messages/{message['id']}",
        headers={**bob.headers, **FORM},
        body=f"tags={tags}".encode(),
    )

    shown = alice.get(f"{new_flow.path}/messages/{message['id']}").json
    assert shown["tags"] == ["ref", ":url", "notified"]


def test_clj_takes_the_first_user_for_itself(server: Server) -> None:
    for account in (server.user, server.second_user, server.third_user):
        users = Caller(server.url, basic(account.token)).get("/users/").json
        assert (users[0]["id"], {user["id"] for user in users}) == (account.id, {1, 2, 3})


def test_xmpp_takes_the_moment_in_the_answer_as_delivered_and_reads_when_people_were_there(
    alice: Caller, new_flow: NewFlow
) -> None:
    sent = alice.post("//private/2/messages", event="message", content="hi").json["sent"]
    url = next(flow["url"] for flow in alice.get("/flows").json if flow["id"] == new_flow.id)
    [first, *_] = alice.get(f"{url.removeprefix(alice.url)}/users").json

    assert isinstance(sent, int)
    assert {name: type(first[name]) for name in ("last_ping", "last_activity", "disabled")} == {
        "last_ping": int,
        "last_activity": int,
        "disabled": bool,
    }


def test_procbots_finds_a_threads_first_message_and_posts_with_a_final_slash(alice: Caller, new_flow: NewFlow) -> None:
    first = say(alice, new_flow, "hi").json

    reply = alice.post(f"{new_flow.path}/messages/", event="message", content="ho", thread_id=first["thread_id"]).json

    thread = alice.get(f"{new_flow.path}/threads/{reply['thread']['id']}").json
    assert thread["initial_message"] == first["id"]
    assert thread == reply["thread"]


def test_hedwig_shows_that_it_is_active(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    with alice.stream(f"/stream{new_flow.path}") as stream:
        answer = bob.post("/messages", event="activity.user", flow=f"{new_flow.org}/{new_flow.name}")
        shown = stream.next()

    assert (answer.status, answer.body) == (202, b"{}")
    assert (shown["event"], shown["user"], shown["flow"]) == ("activity.user", "2", new_flow.id)


def test_oulu_knows_its_own_echo(alice: Caller, server: Server, new_flow: NewFlow) -> None:
    content = "  héllo #world \u2028 "
    flow = alice.get(f"/flows/find?id={new_flow.id}&users=1").json
    with alice.stream(f"/stream/flows?filter={flow['id']}&user=1") as stream:
        say(alice, new_flow, content, app="chat")
        alice.post("/private/2/messages", event="message", content=content)
        echo, private_echo = stream.next(), stream.next()

    assert [echo[name] for name in ("event", "app", "content", "flow")] == ["message", "chat", content, flow["id"]]
    assert [private_echo[name] for name in ("event", "app", "content", "to")] == ["message", "chat", content, "2"]


def test_a_file_is_sent_as_base64_in_json_into_a_thread(alice: Caller, new_flow: NewFlow) -> None:
    thread_id = say(alice, new_flow, "see the picture").json["thread_id"]
    file = {"data": b64encode(b"GIF").decode(), "content_type": "image/gif", "file_name": "a b.gif"}

    answer = alice.post("/messages", flow=new_flow.id, event="file", content=file, thread_id=thread_id)

    content = answer.json["content"]
    assert (answer.status, answer.json["thread_id"]) == (201, thread_id)
    assert (content["file_name"], content["file_size"], content["content_type"]) == ("a b.gif", 3, "image/gif")


def test_an_activity_brings_files_that_its_body_may_show(server: Server, alice: Caller, new_flow: NewFlow) -> None:
    fields = {
        "event": "discussion",
        "flow_token": new_flow.flow_token,
        "external_thread_id": "1",
        "title": "mailed",
        "body": '<img src="cid:logo">',
        "author[name]": "Ray",
        "thread[title]": "Mail",
    }
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    file = '--b\r\nContent-Disposition: form-data; name="attachments[logo]"; filename="logo.txt"\r\n\r\nlogo\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b", "X-flowdock-wait-for-message": "true"}

    answer = ask(server.url, "POST", "/messages", headers=headers, body=f"{''.join(parts)}{file}--b--\r\n".encode())

    [attachment] = answer.json["attachments"]
    assert (answer.status, answer.json["tags"], attachment["file_name"]) == (201, [":file"], "logo.txt")
    location = alice.get(attachment["path"]).headers["Location"]
    assert ask(server.url, "GET", location).body == b"logo"
    assert 'src="cid:logo"' in answer.json["body"]


@pytest.mark.parametrize("word", ["everyone", "everybody", "all", "anyone", "anybody"])
def test_a_word_for_everyone_is_unread_for_everyone_else(alice: Caller, new_flow: NewFlow, word: str) -> None:
    assert say(alice, new_flow, f"@{word} hi").json["tags"] == [":user:everyone", ":unread:2", ":unread:3"]


def test_who_is_named_without_a_sign_is_highlighted(alice: Caller, new_flow: NewFlow) -> None:
    asked, bobbed = (say(alice, new_flow, text).json["tags"] for text in ("ask Bob about it", "bobby, not that one"))

    assert (":highlight:2" in asked, ":user:2" in asked, bobbed) == (True, False, [])


def test_a_reader_takes_their_own_unread_mark_away(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    message = say(alice, new_flow, "hi @bob").json
    read = [tag for tag in message["tags"] if tag != ":unread:2"]

    with alice.stream(f"/stream{new_flow.path}") as stream:
        bob.put(f"{new_flow.path}/messages/{message['id']}", tags=read)
        change = stream.next()

    assert (change["event"], change["user"], "persist" in change) == ("tag-change", "2", False)
    assert change["content"] == {"message": message["id"], "add": [], "remove": [":unread:2"]}


def test_the_same_uuid_is_the_same_message(alice: Caller, new_flow: NewFlow) -> None:
    first = say(alice, new_flow, "hi", uuid="k1QfA-2bWm9zXyT0")
    again = say(alice, new_flow, "hi", uuid="k1QfA-2bWm9zXyT0")

    assert (again.status, again.body) == (201, first.body)
    assert first.json["uuid"] == "k1QfA-2bWm9zXyT0"
