"""Our events have the keys and the types of the recorded ones. Each difference is listed here, with its reason.

A difference that is not listed fails, and so does one that is listed and is not there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, get_args, get_type_hints

import pytest

from flowdock.protocol import types
from flowdock.testing import Server
from tests.contract.plain import Caller
from tests.contract.recorded import DATA, recorded
from tests.contract.saying import Said, say_everything
from tests.contract.shapes import differences

Tolerated: TypeAlias = Mapping[str, str]
"""Reasons by difference."""

SINCE_THEN: Tolerated = {
    "+ created_at": "recorded before the service added it in 2014",
    "+ emojiReactions": "recorded before the service added it, to every event, in 2018",
}
IN_A_THREAD: Tolerated = {
    "+ thread": "recorded before every message belonged to a thread",
    "+ thread_id": "recorded before every message belonged to a thread",
}
FILE: Tolerated = {
    "+ content.content_disposition": "recorded before the service added it in 2014",
    "+ attachments[].content_disposition": "recorded before the service added it in 2014",
    "+ edited": "null on every file of 2019",
    "+ uuid": "recorded before files had one",
}
SOURCE: Tolerated = {
    "+ thread.source.external_url": "null in the recordings of 2019",
}
EDITED: Tolerated = {"+ edited": "null on every such event of 2019", "+ persist": "false on every such event of 2019"}
MILLISECONDS: Tolerated = {
    "thread.created_at: number → string": "a number on the first event of a thread alone, where no client reads it"
}

OULU: Mapping[str, tuple[str, Tolerated]] = {
    "message_event": (
        "message",
        {
            **SINCE_THEN,
            "+ thread.activities": "left out when it was none in a thread made for an old message",
            "+ thread.external_comments": "left out when it was none in a thread made for an old message",
            "+ thread.flow": "in every recording of 2019",
            "+ thread.id": "in every recording of 2019",
            "+ thread.updated_at": "in every recording of 2019",
            "thread.external_url: string → null": "null in every recording of 2019",
        },
    ),
    "legacy_message_event": ("message", {**SINCE_THEN, **IN_A_THREAD}),
    "message_event_emoji": ("message", {**SINCE_THEN, **IN_A_THREAD}),
    "message_from_external_user_event": (
        "anonymous",
        {**SINCE_THEN, **IN_A_THREAD, "+ user": "“0” in every other recording of a message without a user"},
    ),
    "thread_message_event": ("reply", {**SINCE_THEN, **SOURCE}),
    "private_message": ("private", SINCE_THEN),
    "status_event": ("status", SINCE_THEN),
    "line_event": ("line", SINCE_THEN),
    "file_event": ("file", {**SINCE_THEN, **IN_A_THREAD, **FILE}),
    "file_event_private": ("private file", {**SINCE_THEN, **FILE}),
    "comment_event": ("comment", SINCE_THEN),
    "activity_event": (
        "bare activity",
        {
            **SINCE_THEN,
            **SOURCE,
            "+ edited": "null on every activity of 2019",
            "+ thread.external_comments": "in every recording of 2019",
            "+ thread.internal_comments": "in every recording of 2019",
            "+ thread.source.application.published": "in every other recording of the same application",
            "thread.body: string → null": "null in the other recordings of the same thread",
        },
    ),
    "discussion_event": ("discussion", {**SINCE_THEN, **SOURCE, "+ edited": "null on every discussion of 2019"}),
    "add_people_event": (
        "add_people",
        {
            **SINCE_THEN,
            "+ content.description": "the official documentation has it instead of `message`: both are sent",
        },
    ),
    "message_edit_event_for_message": (
        "edit",
        {**SINCE_THEN, **EDITED, "app: string → null": "null in every later recording"},
    ),
    "message_edit_event_for_comment": ("comment edit", {**SINCE_THEN, **EDITED}),
    "flow_add_event": ("flow-add", {"+ content.since_id": "from where a stream follows the flow that was joined"}),
    "flow_remove_event": ("flow-remove", {}),
    "join_event": (
        "came",
        {
            **SINCE_THEN,
            "+ content.description": "the official documentation has it: the nick of who joined",
            "+ uuid": "on every other recorded action",
        },
    ),
    "block_event": ("block", {"+ created_at": SINCE_THEN["+ created_at"]}),
}

PUSHED = ("email_event", "confluence/", "github/", "jira/")
"""Beginnings of the names of those that are pushed back and compared in test_push.py."""
NOT_SAID: Tolerated = {
    "multiline_tweet_event": "nobody can ask Twitter any more",
    "presence_event": "presence is told as activity.user",
    "rss_event": "no feeds are fetched here",
    "twitter_event": "nobody can ask Twitter any more",
    "zendesk_event": "how it was posted is not known: a source presents its tickets",
    "pivotaltracker/": "how it was posted is not known: a source presents its stories",
    "subversion/": "how it was posted is not known: a source presents its commits",
    "uservoice/": "how it was posted is not known: a source presents its tickets",
}
"""Beginnings of the names of those that this server cannot make anybody say, and why."""
KINDS_NOT_SAID: Tolerated = {
    "rss": NOT_SAID["rss_event"],
    "mail": "pushed: test_push.py",
    "vcs": "pushed: test_push.py",
    "jira": "pushed: test_push.py",
    "confluence": "pushed: test_push.py",
}

AUTHORED: Mapping[tuple[str, str], Tolerated] = {
    ("message", "stream"): MILLISECONDS,
    ("image", "stream"): MILLISECONDS,
    ("add_people", "stream"): OULU["add_people_event"][1],
    ("join", "stream"): {
        "+ content.user.website": "all that is told of a person anywhere",
        "+ created_at": "as on all other events",
    },
    ("comment", "stream"): {"+ emojiReactions": SINCE_THEN["+ emojiReactions"]},
    ("activity", "stream"): {
        "+ emojiReactions": "on every event of 2019 but this recording's",
    },
    ("flow-add", "stream"): {"+ content.since_id": "from where a stream follows the flow that was joined"},
    ("activity.user", "stream"): {"id: number → null": "what is never stored takes no number here"},
}

CASES = recorded("authored/event-shapes.json")["cases"]


@pytest.fixture(scope="module")
def said(server: Server) -> Said:
    return say_everything(server)


@pytest.mark.parametrize("name", OULU)
def test_an_event_has_the_shape_that_was_received(said: Said, name: str) -> None:
    kind, tolerated = OULU[name]

    found = differences(recorded(f"oulu-events/flowdock_events/{name}.json"), said.stream[kind])

    assert found == set(tolerated)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']} in {case['as']}")
def test_an_event_has_the_shape_of_the_last_years(said: Said, case: Mapping[str, str]) -> None:
    ours = said.stream if case["as"] == "stream" else said.rest

    found = differences(case["event"], ours[case["kind"]])

    assert found == set(AUTHORED.get((case["kind"], case["as"]), {}))


def test_rest_and_stream_tell_the_same_of_a_message(said: Said) -> None:
    for kind, message in said.rest.items():
        event = said.stream[kind]
        common = message.keys() & event.keys() - {"thread"}
        assert {name: message[name] for name in common} == {name: event[name] for name in common}
        assert message.keys() - event.keys() <= {"edited", "edited_at"}


def test_every_event_that_was_received_is_compared_or_its_absence_explained() -> None:
    folder = DATA / "oulu-events/flowdock_events"
    names = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.json")}

    there = {name for name in names if name.startswith(PUSHED)}
    not_said = {name for name in names if name.startswith(tuple(NOT_SAID))}
    assert names == OULU.keys() | there | not_said
    assert len(names) == len(OULU) + len(there) + len(not_said)
    assert all(f"flowdock_events/{name}" in PUSHING for name in PUSHED)


def test_every_kind_of_event_is_said_or_its_absence_explained(said: Said) -> None:
    """The kinds that the types name, which clients read."""
    kinds = {kind for one in get_args(types.Event) for kind in get_args(get_type_hints(one)["event"])}

    found = {event["event"] for event in said.stream.values()}
    assert found >= kinds - KINDS_NOT_SAID.keys()
    assert not found & KINDS_NOT_SAID.keys()


PUSHING = (Path(__file__).parent / "test_push.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "fixture,path,missing",
    [
        ("haskell-fixtures/flows.json", "/flows", {"- [].join_url"}),
        ("oulu-events/flows.json", "/flows?users=1", set()),
        ("haskell-fixtures/users.json", "/users", {"[].website: string → null"}),
        ("oulu-events/user.json", "/user", {"avatar: null → string"}),
        ("haskell-fixtures/organisation.json", "/organizations/acme", {"- subscription.trial_ends"}),
        ("haskell-fixtures/organisations.json", "/organizations", {"- [].subscription.trial_ends"}),
        ("haskell-fixtures/organisation-users.json", "/organizations/acme/users", {"[].website: string → null"}),
    ],
)
def test_flows_and_people_have_what_strict_clients_insist_on(
    alice: Caller, fixture: str, path: str, missing: set[str]
) -> None:
    """A list's `join_url` was gone by 2016; a website may be null."""
    found = differences(recorded(fixture), alice.get(path).json)

    assert {difference for difference in found if not difference.startswith("+")} == missing
