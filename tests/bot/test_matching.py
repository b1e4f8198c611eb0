from typing import Any

import pytest

from flowdock.bot import matching
from flowdock.bot.matching import Conditions, Surroundings

AROUND = Surroundings(me="3", nick="robo", flows={"f1": "acme/main"}, nicks={"1": "Alice"})


def said(content: Any, **members: Any) -> dict[str, Any]:
    return {"event": "message", "content": content, "user": "1", "flow": "f1", "tags": [], **members}


@pytest.mark.parametrize(
    "conditions,event,holds",
    [
        ({}, said("hi"), True),
        ({"flow": "acme/main"}, said("hi"), True),
        ({"flow": ["acme/ops", "acme/main"]}, said("hi"), True),
        ({"flow": "acme/ops"}, said("hi"), False),
        ({"thread": "t1"}, said("hi", thread_id="t1"), True),
        ({"thread": "t1"}, said("hi", thread_id="t2"), False),
        ({"tag": "#Bug"}, said("hi", tags=["bug"]), True),
        ({"tag": "bug"}, said("hi", tags=["bugs"]), False),
        ({"tag": "bug"}, {"event": "tag-change", "content": {"add": ["bug"], "remove": []}}, True),
        ({"tag": "bug"}, {"event": "tag-change", "content": {"add": [], "remove": ["bug"]}}, False),
        ({"event": "file"}, {"event": "file"}, True),
        ({"sender": "alice"}, said("hi"), True),
        ({"sender": 1}, said("hi"), True),
        ({"sender": ["@bob", 2]}, said("hi"), False),
        ({"status": "open"}, said("hi", thread={"status": {"value": "open"}}), True),
        ({"status": "open"}, said("hi", thread={"status": None}), False),
        ({"status": "open"}, said("hi"), False),
        ({"mention": True}, said("hi @Robo"), True),
        ({"mention": True}, said("hi", tags=[":user:3"]), True),
        ({"mention": False}, said("hi @robot"), True),
        ({"private": True}, {"event": "message", "content": "hi", "user": "1", "to": "3"}, True),
        ({"private": True}, said("hi"), False),
    ],
)
def test_which_events_meet_a_condition(conditions: Conditions, event: dict[str, Any], *, holds: bool) -> None:
    assert matching.of(conditions).holds(event, AROUND) is holds


@pytest.mark.parametrize(
    "text,rest",
    [
        ("@robo deploy", "deploy"),
        ("@Robo, deploy", "deploy"),
        ("robo: deploy", "deploy"),
        ("  robo   deploy  ", "deploy"),
        ("deploy, @robo!", "deploy"),
        ("robot deploy", "robot deploy"),
        ("ask @robo about it", "ask @robo about it"),
        ("@robo", ""),
    ],
)
def test_a_bot_is_addressed_before_or_behind_what_is_said(text: str, rest: str) -> None:
    assert matching.addressed(text, "robo") == rest


@pytest.mark.parametrize(
    "event,text",
    [
        (said("hi"), "hi"),
        ({"event": "comment", "content": {"title": "x", "text": "hi"}}, "hi"),
        ({"event": "comment", "content": None}, ""),
        ({"event": "activity", "content": None}, ""),
        ({"event": "message", "content": ""}, ""),
    ],
)
def test_what_is_said(event: dict[str, Any], text: str) -> None:
    assert matching.text_of(event) == text


def test_filters_make_others() -> None:
    either = matching.tagged("a") | matching.tagged("b")

    assert either.holds(said("hi", tags=["b"]), AROUND)
    assert not (either & matching.mentioning_me()).holds(said("hi", tags=["b"]), AROUND)
    assert (~either).holds(said("hi"), AROUND)
