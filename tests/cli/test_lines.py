from typing import Any

import pytest

from flowdock.cli import lines
from flowdock.cli.lines import line_of

NAMES = {"9": "al", "12": "bo"}.__getitem__


def told(event: str, content: object = None, **rest: Any) -> str | None:
    """An event by user 9 as a pipe shows it, without date and number."""
    line = line_of({"event": event, "id": 7, "user": "9", "sent": 1600000000123, "content": content} | rest, NAMES)
    return None if line is None else f"{line.who}{':' if line.is_speech else ''} {line.text}"


STATUS = {"color": "green", "value": "passed"}
BUILD = {"title": "Build 7", "status": STATUS, "initial_message": 7}


@pytest.mark.parametrize(
    "event, content, rest, line",
    [
        ("message", "lunch?", {}, "al: lunch?"),
        ("message", "\n  indented\n", {}, "al:   indented"),
        ("message", "", {}, "al took this back"),
        ("message", "took this back", {"external_user_name": "Robot", "user": "0"}, "Robot: took this back"),
        ("message", "hi", {"user": "0"}, "Flowdock: hi"),
        ("message", "hi", {"user": None}, "Flowdock: hi"),
        ("comment", {"title": "Lunch", "text": "I agree"}, {}, "al: I agree"),
        ("status", "away", {}, "al is now: away"),
        ("line", "waves", {}, "al waves"),
        ("file", {"path": "/files/1/k/a b.png", "file_name": "a b.png", "file_size": 5521}, {},
         "al: a b.png (5.5 kB) /files/1/k/a b.png"),
        ("activity", None, {"title": "finished <a href='#'>build 7</a> &amp; more", "author": {"name": "CI"},
                            "body": None, "thread": BUILD, "user": "0"},
         "CI: finished build 7 & more · Build 7 [passed]"),
        ("discussion", None, {"title": "said", "author": {"name": "Ray"}, "body": "<p>one</p><p>two<br>three</p>",
                              "thread": BUILD | {"status": None}, "user": "0"},
         "Ray: said · Build 7\none\ntwo\nthree"),
        ("mail", {"subject": "Lamp", "content": "<p>dark</p>", "from": [{"name": "Ann", "address": "a@example.net"}]},
         {"user": "0"}, "Ann: Lamp\ndark"),
        ("mail", {"subject": "Lamp", "content": "", "from": []}, {"user": "0"}, "Flowdock: Lamp"),
        ("vcs", {"event": "push"}, {"user": "0", "thread": BUILD}, "Flowdock Build 7"),
        ("message-edit", {"message": 5, "updated_content": "lunch at 12?"}, {}, "al changed 5: lunch at 12?"),
        ("message-edit", {"message": 5, "updated_content": {"title": "t", "text": "new"}}, {}, "al changed 5: new"),
        ("message-edit", {"message": 5, "updated_content": ""}, {}, "al took 5 back"),
        ("tag-change", {"message": 5, "add": ["done", ":user:12"], "remove": ["todo"]}, {}, "al tagged 5: +done -todo"),
        ("tag-change", {"message": 5, "add": [], "remove": [":unread:12"]}, {}, None),
        ("emoji-reaction", {"message": 5, "emoji": "grinning", "type": "add"}, {}, "al reacted to 5 with :grinning:"),
        ("rethread", {"message": 5, "thread": {"title": "x"}}, {}, "al moved 5 to the thread 'x'"),
        ("emoji-reaction", {"message": 5, "emoji": "grinning", "type": "remove"}, {}, "al took :grinning: back from 5"),
        ("action", {"type": "add_people", "message": ["bo", "cy"]}, {}, "al added bo, cy"),
        ("action", {"type": "add_people", "description": "bo,cy"}, {}, "al added bo,cy"),
        ("action", {"type": "join", "id": "key-main"}, {}, "al joined"),
        ("action", {"type": "invite", "email": "p@example.com"}, {}, "al invited p@example.com"),
        ("action", {"type": "block", "user": 12}, {}, "al removed bo"),
        ("action", {"type": "add_rss_feed", "description": "http://a.example"}, {}, "al add_rss_feed http://a.example"),
        ("backend.user.join", {"user": {"id": 9, "nick": "al"}}, {}, "al joined"),
        ("backend.user.block", "12", {}, "al removed bo"),
        ("user-edit", {"user": {"id": 9, "nick": "al"}}, {}, "al changed their profile"),
        ("activity.user", {"last_activity": 1}, {}, None),
        ("invented-later", {"anything": []}, {}, None),
        ("file", None, {}, None),
        ("action", "joined", {}, None),
        ("message-edit", {"updated_content": "x"}, {}, None),
        ("message", "whispered", {"id": None}, None),
    ],
)  # fmt: skip
def test_an_event_is_one_line_or_says_nothing(
    event: str, content: object, rest: dict[str, Any], line: str | None
) -> None:
    assert told(event, content, **rest) == line


@pytest.mark.parametrize("first, is_reply", [(7, False), (3, True)])
def test_a_message_that_does_not_begin_its_thread_is_a_reply(first: int, is_reply: bool) -> None:
    line = line_of(
        {
            "event": "message",
            "id": 7,
            "user": "9",
            "content": "x",
            "thread_id": "t",
            "thread": {"initial_message": first},
        },
        NAMES,
    )

    assert line is not None
    assert (line.thread_id, line.is_reply) == ("t", is_reply)


@pytest.mark.parametrize(
    "count, size",
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (5521, "5.5 kB"),
        (104857600, "104.9 MB"),
        (2 * 10**15, "2000.0 TB"),
    ],
)
def test_bytes_are_told_in_the_unit_that_fits(count: int, size: str) -> None:
    assert lines.size(count) == size
