from typing import Any

import pytest

from flowdock.server.actions import editing, flow_keys, flows, pushing, reading, sending, sources
from flowdock.server.domain.actors import Nobody
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.transaction import NotFound
from tests.server.stage import PLACE, Done, Stage

ITEM: dict[str, Any] = {
    "source": "Build server",
    "from_address": "ci@example.com",
    "subject": "Build 7 is broken",
    "content": "<p>Look <b>here</b></p>",
}


def token(stage: Stage, flow: str = "main") -> str:
    """The flow's token for the Push API."""
    answer = stage.act(stage.alice, flow_keys.renew_api_token, org="acme", flow=flow).result
    return str(answer["api_token"])


def second_flow(stage: Stage) -> str:
    """The token of another flow."""
    stage.act(stage.alice, flows.create_flow, org="acme", name="Second")
    return token(stage, "second")


def chat(stage: Stage, tokens: str, **more: Any) -> Done:
    given = {"content": "beep", "external_user_name": "Robot", **more}
    return stage.act(Nobody(), pushing.push_chat, tokens=tokens, **given)


def put(stage: Stage, **more: Any) -> Any:
    """The item as REST shows it."""
    stage.act(Nobody(), pushing.push_inbox, tokens=token(stage), **{**ITEM, **more})
    return newest(stage)


def newest(stage: Stage) -> Any:
    return stage.ask(stage.alice, reading.list_messages, **PLACE, limit=1)[0]


def test_who_has_the_token_of_a_flow_says_something_there_under_any_name(stage: Stage) -> None:
    done = chat(stage, token(stage), tags="#beeps", content="beep @bob")

    assert done.result is None
    message = newest(stage)
    assert (message["user"], message["external_user_name"], message["app"]) == ("0", "Robot", "chat")
    assert message["tags"] == ["beeps", f":user:{stage.bob.user_id}", f":unread:{stage.bob.user_id}"]
    assert message["thread"]["initial_message"] == message["id"]


def test_the_token_of_a_source_opens_its_flow_as_well(stage: Stage) -> None:
    chat(stage, stage.flow_token)

    assert newest(stage)["content"] == "beep"


def test_several_tokens_reach_several_flows_each_once(stage: Stage) -> None:
    first, second = token(stage), second_flow(stage)

    done = chat(stage, f"{first}, {second},{first},{stage.flow_token}")

    assert done.kinds == ["message", "message"]
    assert len({one.log_id for one in done.told}) == 2


def test_of_several_flows_all_are_reached_or_none(stage: Stage) -> None:
    stage.hub.heard.clear()
    with pytest.raises(Refusal) as refused:
        chat(stage, f"{token(stage)},{'0' * 32}")

    assert refused.value.status == 404
    assert "message" not in [one.event["event"] for one in stage.hub.heard]


def test_a_token_that_was_renewed_opens_nothing(stage: Stage) -> None:
    old = token(stage)
    token(stage)

    with pytest.raises(Refusal, match="404"):
        chat(stage, old)


def test_the_token_of_a_removed_source_is_gone(stage: Stage) -> None:
    stage.act(stage.alice, sources.remove_source, **PLACE, id=stage.source.source_id)

    with pytest.raises(Refusal, match="410"):
        chat(stage, stage.flow_token)


def test_nobody_pushes_into_an_archived_flow(stage: Stage) -> None:
    opened = token(stage)
    stage.act(stage.alice, flows.update_flow, **PLACE, disabled=True)

    with pytest.raises(Refusal, match="403"):
        chat(stage, opened)


@pytest.mark.parametrize("name", ["message", "message_id"])
def test_what_is_said_on_a_message_is_a_reply_into_its_thread(stage: Stage, name: str) -> None:
    said = stage.send("coffee?")

    chat(stage, token(stage), **{name: said["id"]})

    assert (newest(stage)["thread_id"], newest(stage)["event"]) == (said["thread_id"], "message")


def test_what_is_said_on_a_message_without_a_thread_is_a_comment(stage: Stage) -> None:
    parent = stage.act(stage.alice, sending.send_to_flow, **PLACE, event="status", content="away").result

    chat(stage, token(stage), message_id=parent["id"])

    comment = newest(stage)
    assert (comment["event"], comment["content"]) == ("comment", {"title": "away", "text": "beep"})
    assert (comment["user"], comment["external_user_name"]) == ("0", "Robot")


def test_a_thread_may_be_named(stage: Stage) -> None:
    said = stage.send("coffee?")

    chat(stage, token(stage), thread_id=said["thread_id"])

    assert newest(stage)["thread"]["internal_comments"] == 2


def test_the_thread_of_another_flow_is_not_there(stage: Stage) -> None:
    said = stage.send("coffee?")

    with pytest.raises(NotFound):
        chat(stage, second_flow(stage), thread_id=said["thread_id"])


@pytest.mark.parametrize(
    "wrong,field",
    [
        ({"external_user_name": None}, "external_user_name"),
        ({"external_user_name": "two words"}, "external_user_name"),
        ({"external_user_name": "x" * 17}, "external_user_name"),
        ({"content": ""}, "content"),
        ({"content": "x" * 8097}, "content"),
    ],
)
def test_a_message_that_cannot_be_is_refused(stage: Stage, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        chat(stage, token(stage), **wrong)

    assert (refused.value.status, [*refused.value.errors]) == (400, [field])


@pytest.mark.parametrize("push", [chat, lambda stage, tokens, **more: put(stage, **more)], ids=["chat", "inbox"])
def test_the_same_uuid_pushes_once(stage: Stage, push: Any) -> None:
    opened = token(stage)
    push(stage, opened, uuid="abc")
    first = newest(stage)
    push(stage, stage.flow_token, uuid="abc")

    assert newest(stage) == first
    assert first["uuid"] == "abc"


def test_an_item_is_a_mail_in_a_thread_named_after_its_subject(stage: Stage) -> None:
    item = put(
        stage, from_name="CI", reply_to="team@example.com", project="flow", link="https://ci.example", tags="red"
    )

    assert (item["event"], item["app"], item["user"]) == ("mail", "influx", "0")
    assert item["tags"] == ["red", ":source:Build server"]
    assert item["content"] == {
        "subject": "Build 7 is broken",
        "content": "<p>Look <b>here</b></p>",
        "contentType": "text/html",
        "from": [{"name": "CI", "address": "ci@example.com"}],
        "to": [],
        "cc": [],
        "bcc": [],
        "replyTo": [{"name": None, "address": "team@example.com"}],
        "sender": None,
        "source": "Build server",
        "project": "flow",
        "link": "https://ci.example",
    }
    assert (item["thread"]["title"], item["thread"]["initial_message"]) == ("Build 7 is broken", item["id"])


def test_people_answer_an_item_in_its_thread(stage: Stage) -> None:
    item = put(stage)

    reply = stage.send("on it", thread_id=item["thread_id"])

    assert reply["thread"]["internal_comments"] == 2


def test_an_item_is_listed_as_one_of_the_inbox_and_found_by_its_words(stage: Stage) -> None:
    stage.send("chat")
    item = put(stage)

    assert stage.found(app="influx")[-1:] == [item["id"]]
    assert stage.found(event="mail") == [item["id"]]
    assert stage.found(search="broken") == [item["id"]]
    assert stage.found(tags=":source:build server") == [item["id"]]


def test_what_could_run_is_taken_out_of_an_item(stage: Stage) -> None:
    item = put(stage, content='<p onclick="x()">a</p><script>alert(1)</script><a href="javascript:x">b</a>')

    assert item["content"]["content"] == "<p>a</p><a>b</a>"


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": ""},
        {"source": "CI/CD"},
        {"from_address": "nobody"},
        {"subject": " "},
        {"subject": "x" * 1025},
        {"content": ""},
        {"format": "markdown"},
        {"link": "javascript:alert(1)"},
        {"reply_to": "nobody"},
        {"project": "a:b"},
    ],
    ids=str,
)
def test_an_item_that_cannot_be_is_refused(stage: Stage, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        put(stage, **wrong)

    assert (refused.value.status, refused.value.errors.keys()) == (400, wrong.keys())


def test_an_issue_of_jira_is_called_by_its_key_and_what_it_is_about(stage: Stage) -> None:
    given = {"event_type": "comment", "issue_key": "AB-5", "issue_summary": "It burns", "comment_body": "see #fire"}

    stage.act(Nobody(), pushing.push_jira, tokens=token(stage), **given, comment_body_html="<b>a</b><script>b</script>")

    item = newest(stage)
    assert item["content"] == {**given, "comment_body_html": "<b>a</b>"}
    assert (item["event"], item["tags"], item["thread"]["title"]) == ("jira", ["fire"], "AB-5: It burns")
    assert stage.found(search="burns fire") == [item["id"]]


def test_an_item_keeps_its_name_in_a_thread_of_its_own(stage: Stage) -> None:
    item = put(stage)
    stored = stage.send("chat")

    stage.act(stage.alice, editing.edit_message, **PLACE, id=item["id"], thread_id=stored["thread_id"])
    stage.act(stage.alice, editing.edit_message, **PLACE, id=item["id"], thread_id=None)

    assert stage.show(item["id"])["thread"]["title"] == "Build 7 is broken"
