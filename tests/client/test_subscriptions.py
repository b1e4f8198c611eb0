import pytest

from flowdock.client import subscriptions


def test_a_flow_has_a_stream_of_its_own_and_all_of_it_belongs_there() -> None:
    subscription = subscriptions.flow("acme", "ma in")

    assert (subscription.path, subscription.query) == ("/flows/acme/ma%20in", {})
    assert subscription.holds({"event": "anything"}, me=None)


def test_a_private_conversation_is_in_the_stream_of_all_private_events() -> None:
    subscription = subscriptions.private(42)

    assert (subscription.path, subscription.query) == ("/flows", {"user": "1"})


@pytest.mark.parametrize(
    "event,me,belongs",
    [
        ({"user": "42", "to": "1"}, "1", True),
        ({"user": "1", "to": "42"}, "1", True),
        ({"user": "1", "to": "42"}, None, True),
        ({"user": "43", "to": "1"}, "1", False),
        ({"user": "1", "to": "43"}, "1", False),
        ({"user": "42", "to": "42"}, "42", True),
        ({"user": "7", "to": "42"}, "42", False),
        ({"user": 1, "event": "flow-add"}, "1", False),
        (["not", "an", "event"], "1", False),
    ],
)
def test_what_belongs_to_a_conversation(event: object, me: str | None, *, belongs: bool) -> None:
    assert subscriptions.private(42).holds(event, me=me) is belongs


def test_what_is_not_an_event_belongs_nowhere() -> None:
    assert not subscriptions.flow("acme", "main").holds("text", me=None)
