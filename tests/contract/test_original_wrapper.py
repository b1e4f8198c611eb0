"""The original Python wrapper, with only its two globals pointed here: connecting, messages, tags, files.

Its documentation was run against the real service: what that showed is asserted here and in the files beside this one.
"""

from pathlib import Path

import pytest
from PIL import Image

from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.wrapper import NOT_FOUND, RaisedThereError, Thing, Wrapper

pytestmark = pytest.mark.wrapper

NAMES = ["plan b.txt", "tästi – 計画 😂.txt", "100%25 sure?.txt", "#1.txt"]


def test_the_version_that_runs_is_the_one_asked_for(wrapper: Wrapper, request: pytest.FixtureRequest) -> None:
    assert wrapper.version in request.node.name


def test_a_client_goes_to_flows_and_to_people(wrapper: Wrapper, server: Server, new_flow: NewFlow) -> None:
    client = wrapper.connect(token=server.user.token)

    assert client(org=new_flow.org, flow=new_flow.name).send("hi")["flow"] == new_flow.id
    assert client(uid=server.second_user.id).send("hi")["to"] == str(server.second_user.id)
    assert client(name=server.third_user.nick).send("hi")["to"] == str(server.third_user.id)


def test_one_line_connects_to_a_flow_and_to_a_person(wrapper: Wrapper, server: Server, new_flow: NewFlow) -> None:
    token = server.second_user.token

    assert wrapper.connect(token=token, org=new_flow.org, flow=new_flow.name).send("hi")["user"] == "2"
    assert wrapper.connect(token=token, uid=server.user.id).send("hi")["to"] == "1"
    assert wrapper.connect(token=token, name=server.third_user.nick).send("hi")["to"] == "3"


def test_a_display_name_gives_the_uid(wrapper: Wrapper, server: Server) -> None:
    client = wrapper.connect(token=server.user.token)

    assert client.get_uid(name=server.third_user.nick) == server.third_user.id


def test_a_wrong_token_is_an_assertion_error_with_status_and_body(wrapper: Wrapper, new_flow: NewFlow) -> None:
    stranger = wrapper.flow("0" * 32, new_flow.org, new_flow.name)

    with pytest.raises(RaisedThereError, match=r"""AssertionError: \(401, b'{"message":"""):
        stranger.send("hi")


def test_a_message_is_sent_shown_edited_and_deleted(flow: Thing) -> None:
    sent = flow.send("a message")

    assert flow.show(sent["id"]) == sent
    assert flow.edit(sent["id"], "an edited message") is None
    assert flow.show(sent["id"])["content"] == "an edited message"
    assert flow.delete(sent["id"]) is None
    assert (flow.show(sent["id"])["content"], flow.show(sent["id"])["tags"]) == ("", [])


def test_a_private_message_is_sent_shown_edited_and_deleted(private: Thing) -> None:
    sent = private.send("a message")

    assert private.show(sent["id"]) == sent
    private.edit(sent["id"], "an edited message")
    assert private.show(sent["id"])["content"] == "an edited message"
    private.delete(sent["id"])
    assert private.show(sent["id"])["content"] == ""


def test_every_message_starts_or_continues_a_thread(flow: Thing) -> None:
    message = flow.send("Thread start")

    replies = [flow.thread(message["thread_id"]).send("A reply"), flow.send("Another", thread_id=message["thread_id"])]

    assert message["thread"]["id"] == message["thread_id"]
    assert message["thread"]["initial_message"] == message["id"]
    assert [reply["thread"]["internal_comments"] for reply in replies] == [2, 3]
    assert {reply["thread_id"] for reply in replies} == {message["thread_id"]}


def test_a_message_to_a_thread_that_is_not_there_is_not_found(flow: Thing) -> None:
    with pytest.raises(RaisedThereError, match=NOT_FOUND):
        flow.thread("aB3_dEfGhIjKlMnOpQrStUvWxYz").send("hi")


def test_text_of_every_alphabet_comes_back_unchanged(flow: Thing) -> None:
    text = "  Ünïcødé 計画 😂\r\n\tline \u2028 two  "

    assert flow.show(flow.send(text)["id"])["content"] == text


def test_tags_come_from_the_call_and_from_the_text(flow: Thing) -> None:
    sent = flow.send("@team, ref here: http://docs.python.org", tags=["ref"])

    assert flow.show(sent["id"])["tags"] == ["ref", ":user:team", ":url"]


def test_tags_are_replaced_as_given_and_duplicates_dropped(flow: Thing) -> None:
    message_id = flow.send("@team, ref here: http://docs.python.org", tags=["ref"])["id"]

    flow.edit(message_id, tags=["ref", ":user:team", "important", ":url"])
    assert flow.show(message_id)["tags"] == ["ref", ":user:team", "important", ":url"]

    flow.edit(message_id, tags=["ref", ":user:team", ":url", "ref", "python"])
    assert flow.show(message_id)["tags"] == ["ref", ":user:team", ":url", "python"]

    flow.edit(message_id, tags=["ref"])
    assert flow.show(message_id)["tags"] == ["ref"]


def test_content_and_tags_change_together(flow: Thing) -> None:
    message_id = flow.send("@team, ref here: http://docs.python.org", tags=["ref", "important"])["id"]

    flow.edit(message_id, "@team, read ref here: http://docs.python.org", tags=["ref", ":user:team", ":url"])

    message = flow.show(message_id)
    assert message["content"] == "@team, read ref here: http://docs.python.org"
    assert message["tags"] == ["ref", ":user:team", ":url"]


def test_anybody_tags_a_message_but_only_its_author_rewrites_it(flow: Thing, flow_of_bob: Thing) -> None:
    message_id = flow.send("a message")["id"]

    flow_of_bob.edit(message_id, tags=["seen"])

    assert flow.show(message_id)["tags"] == ["seen"]
    with pytest.raises(RaisedThereError, match=r"AssertionError: \(403, "):
        flow_of_bob.edit(message_id, "mine now")
    with pytest.raises(RaisedThereError, match=r"AssertionError: \(403, "):
        flow_of_bob.delete(message_id)


def test_a_private_message_is_unread_for_its_recipient_and_has_tags_too(private: Thing, server: Server) -> None:
    unread = f":unread:{server.second_user.id}"
    message_id = private.send("ref here: http://docs.python.org", tags=["ref"])["id"]
    assert private.show(message_id)["tags"] == [unread, "ref", ":url"]

    private.edit(message_id, tags=[unread, "ref", "resources", ":url"])

    assert private.show(message_id)["tags"] == [unread, "ref", "resources", ":url"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_uploaded_and_downloaded_through_one_redirect(flow: Thing, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\0\xff" * 5000)

    content = flow.show(flow.upload(str(path))["id"])["content"]

    assert content["file_name"] == name
    assert content["path"].endswith(f"/{name}")
    assert content["file_size"] == 10_000
    assert flow.download(content["path"]) == path.read_bytes()


def test_an_image_has_its_size_and_a_thumbnail_to_download(flow: Thing, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.effect_noise((640, 360), 50).save(path)

    uploaded = flow.upload(str(path))

    content = uploaded["content"]
    assert (uploaded["tags"], content["content_type"]) == ([":file"], "image/png")
    assert content["image"] == {"width": 640, "height": 360}
    assert flow.download(content["path"]) == path.read_bytes()
    assert flow.download(content["thumbnail"]["path"]).startswith(b"\x89PNG")


def test_a_deleted_file_is_gone_with_its_bytes(flow: Thing, tmp_path: Path) -> None:
    path = tmp_path / "short-lived.txt"
    path.write_text("soon gone", encoding="utf-8")
    uploaded = flow.upload(str(path))

    assert flow.delete(uploaded["id"]) is None

    with pytest.raises(RaisedThereError, match=NOT_FOUND):
        flow.show(uploaded["id"])
    with pytest.raises(RaisedThereError, match="AssertionError"):
        flow.download(uploaded["content"]["path"])


def test_a_private_file_is_for_the_two_alone(
    wrapper: Wrapper, server: Server, private: Thing, flow: Thing, tmp_path: Path
) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("between us", encoding="utf-8")
    uploaded = private.upload(str(path))
    carol = wrapper.connect(token=server.third_user.token, uid=server.user.id)

    assert (uploaded["to"], "thread" in uploaded) == (str(server.second_user.id), False)
    assert private.download(uploaded["content"]["path"]) == b"between us"
    with pytest.raises(RaisedThereError, match="AssertionError"):
        carol.download(uploaded["content"]["path"])
    private.delete(uploaded["id"])
    with pytest.raises(RaisedThereError, match=NOT_FOUND):
        private.show(uploaded["id"])
