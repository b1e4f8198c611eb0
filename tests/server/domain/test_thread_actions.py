from typing import Any

import pytest

from flowdock.server.domain import thread_actions
from flowdock.server.domain.refusals import Refusal
from flowdock.server.domain.thread_actions import Target

RETRY = {
    "@type": "UpdateAction",
    "name": "Retry",
    "target": {"@type": "EntryPoint", "urlTemplate": "https://ci.example/7/retry", "httpMethod": "put"},
}
VIEW = {"@type": "ViewAction", "name": "Open", "url": "https://ci.example/7"}
OTHER = {"@type": "BuyAction", "price": 7}


@pytest.mark.parametrize("action", [RETRY, VIEW, OTHER, {"@type": "ViewAction"}, VIEW | {"url": "mailto:a@b.example"}])
def test_actions_are_kept_as_they_come(action: dict[str, Any]) -> None:
    assert thread_actions.checked(action) is action


def retrying(**target: object) -> dict[str, Any]:
    return RETRY | {"target": target}


WRONG = pytest.mark.parametrize(
    "wrong",
    [
        "Retry",
        None,
        {},
        {"@type": 7},
        VIEW | {"url": "javascript:alert(1)"},
        VIEW | {"url": " javascript:alert(1)"},
        VIEW | {"url": "data:text/html,x"},
        VIEW | {"url": "//ci.example"},
        VIEW | {"url": "https://ci.example/ x"},
        VIEW | {"url": "https://ci.example/\u202e"},
        VIEW | {"url": None},
        VIEW | {"url": f"https://{'x' * 2048}"},
        {"@type": "UpdateAction", "name": "Retry"},
        {"@type": "UpdateAction", "target": "https://ci.example"},
        retrying(),
        retrying(urlTemplate=7),
        retrying(urlTemplate="mailto:a@b.example"),
        retrying(urlTemplate="file:///etc/passwd"),
        retrying(urlTemplate="https://ci.example", httpMethod="TRACE"),
        retrying(urlTemplate="https://ci.example", httpMethod=None),
    ],
)


@WRONG
def test_what_could_do_harm_or_cannot_be_carried_out_is_refused(wrong: object) -> None:
    with pytest.raises(Refusal) as refused:
        thread_actions.checked(wrong)
    assert list(refused.value.errors) == ["thread.actions"]


def test_only_update_actions_are_carried_out_somewhere() -> None:
    assert thread_actions.target_of(RETRY) == Target("https://ci.example/7/retry", "PUT")
    assert thread_actions.target_of(retrying(urlTemplate="https://x.example")) == Target("https://x.example", "POST")
    assert [thread_actions.target_of(one) for one in (VIEW, OTHER, None)] == [None, None, None]


def test_people_see_pages_to_open_and_addresses_of_ours() -> None:
    [view, retry] = thread_actions.shown([VIEW, OTHER, RETRY], lambda _: "https://ours.example")
    assert view == VIEW
    assert retry == RETRY | {
        "target": {"@type": "EntryPoint", "urlTemplate": "https://ours.example", "httpMethod": "put"}
    }


def test_what_nobody_carries_out_is_not_seen() -> None:
    assert thread_actions.shown([RETRY, VIEW], lambda _: None) == [VIEW]


@WRONG
def test_what_was_stored_before_anybody_looked_at_it_is_not_seen(wrong: object) -> None:
    assert thread_actions.shown([wrong], lambda _: "https://ours.example") == []
    assert thread_actions.target_of(wrong) is None
