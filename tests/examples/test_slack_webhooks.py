import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

import flowdock
from examples.slack_webhooks import colour_of, plain, rich
from flowdock.protocol.types import InboxItem
from flowdock.testing import Server
from tests.contract.plain import Answer, ask
from tests.examples.program import Program

KEY = "0123456789abcdef"
PATH = f"/services/{KEY}"


@pytest.fixture(scope="module")
def endpoint(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environment = {"FLOWDOCK_API_URL": server.url, "FLOWDOCK_FLOW_TOKEN": server.flow_token, "SLACK_KEY": KEY}
    program = Program(
        "slack_webhooks.py", "--port", "0", environment=environment, folder=tmp_path_factory.mktemp("slack")
    )
    yield program.line().removeprefix("post to ").removesuffix("/services/…")
    assert program.interrupt()[0] == 0


def post(endpoint: str, payload: Any, *, path: str = PATH) -> Answer:
    return ask(endpoint, "POST", path, headers={"Content-Type": "application/json"}, body=json.dumps(payload).encode())


def told(answer: Answer) -> tuple[int, bytes]:
    return answer.status, answer.body


def newest_item(flow: flowdock.Flow) -> InboxItem:
    [item] = flow.list(event="activity", limit=1)
    assert item["event"] == "activity"
    return item


def test_a_text_becomes_a_message_said_by_its_username(endpoint: str, bob: flowdock.Flow) -> None:
    text = "Deployed <https://shop.example/2.1|2.1> &amp; happy"

    assert told(post(endpoint, {"text": text, "username": "Deploy bot"})) == (200, b"ok")

    [message] = bob.list(limit=1)
    assert message["event"] == "message"
    assert message["content"] == "Deployed 2.1 (https://shop.example/2.1) & happy"
    assert message["external_user_name"] == "Deploy_bot"


def test_an_attachment_becomes_an_item_with_a_status(endpoint: str, bob: flowdock.Flow) -> None:
    attachment = {
        "color": "danger",
        "pretext": "broke the *build*",
        "author_name": "Ray",
        "title": "Build 42",
        "title_link": "https://ci.example/42",
        "text": "2 tests failed\n`test_lamp`",
        "fields": [{"title": "Branch", "value": "main", "short": True}],
    }

    assert told(post(endpoint, {"attachments": [attachment]})) == (200, b"ok")

    item = newest_item(bob)
    thread = item["thread"]
    assert (item["author"]["name"], item["title"]) == ("Ray", "broke the build")
    assert (thread["title"], thread["external_url"]) == ("Build 42", "https://ci.example/42")
    assert thread["status"] == {"color": "red", "value": "danger"}
    assert thread["fields"] == [{"label": "Branch", "value": "main"}]
    assert str(thread["body"]).replace("<br/>", "<br>") == "2 tests failed<br><code>test_lamp</code>"


def test_what_has_the_same_link_is_told_in_one_thread(endpoint: str, bob: flowdock.Flow) -> None:
    threads = set()
    for color in ("warning", "#2eb886"):
        post(endpoint, {"attachments": [{"color": color, "title": "Build 43", "title_link": "https://ci.example/43"}]})
        threads.add(newest_item(bob)["thread_id"])

    [thread] = threads
    assert bob.thread(thread).show()["status"] == {"color": "green", "value": "good"}


def test_blocks_become_their_texts(endpoint: str, bob: flowdock.Flow) -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Release 2.1"}},
        {"type": "divider"},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "by Kim"}, {"type": "mrkdwn", "text": "at noon"}]},
    ]

    post(endpoint, {"text": "for a notification", "blocks": blocks})

    [message] = bob.list(limit=1)
    assert message["content"] == "Release 2.1\nby Kim\nat noon"


def test_a_form_with_the_json_in_it_is_taken_too(endpoint: str, bob: flowdock.Flow) -> None:
    body = urlencode({"payload": '{"text": "from a form"}'}).encode()

    answer = ask(endpoint, "POST", PATH, headers={"Content-Type": "application/x-www-form-urlencoded"}, body=body)

    assert answer.status == 200
    assert bob.list(limit=1)[0]["content"] == "from a form"


@pytest.mark.parametrize(
    "payload, path, answered",
    [
        ({"text": "hello"}, "/services/0000", (403, b"invalid_token")),
        ({"text": ""}, PATH, (400, b"no_text")),
        (["no object"], PATH, (400, b"invalid_payload")),
        ({"attachments": ["no attachment"]}, PATH, (400, b"invalid_payload")),
        ({"text": "x" * 9000}, PATH, (400, b"invalid_payload")),
    ],
)
def test_what_cannot_be_presented_is_refused_in_slacks_words(
    endpoint: str, payload: Any, path: str, answered: tuple[int, bytes]
) -> None:
    assert told(post(endpoint, payload, path=path)) == answered


@pytest.mark.parametrize(
    "markup, html, text",
    [
        ("*bold* _slanted_ `code`", "<b>bold</b> <i>slanted</i> <code>code</code>", "*bold* _slanted_ `code`"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("a &lt;b&gt; &amp; c", "a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        (
            "<https://a.example?b=1&amp;c=2>",
            '<a href="https://a.example?b=1&amp;c=2">https://a.example?b=1&amp;c=2</a>',
            None,
        ),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;", "<javascript:alert(1)|x>"),
        ("one\ntwo", "one<br>two", "one\ntwo"),
    ],
)
def test_markup_becomes_html_and_text(markup: str, html: str, text: str | None) -> None:
    assert rich(markup) == html
    assert text is None or plain(markup) == text


@pytest.mark.parametrize("color, colour", [("good", "green"), ("#d00000", "red"), ("439FE0", "cyan"), ("", None)])
def test_a_colour_is_the_nearest_there_is(color: str, colour: str | None) -> None:
    assert colour_of(color) == colour
