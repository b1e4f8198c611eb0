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


SEVERAL = subscriptions.several({"a1": "acme/main", "b2": "acme/ops"}, name="all flows", private=True)


def test_several_flows_are_asked_for_by_their_ids_with_the_private_events() -> None:
    assert (SEVERAL.path, SEVERAL.query) == ("/flows", {"user": "1", "filter": "a1,b2"})


@pytest.mark.parametrize(
    "event,place",
    [
        ({"flow": "a1", "id": 7}, "acme/main"),
        ({"flow": "unknown", "id": 7}, None),
        ({"user": "42", "to": "1"}, "42"),
        ({"user": "1", "to": "42"}, "42"),
        ({"event": "flow-add"}, None),
    ],
)
def test_numbers_count_in_the_place_of_an_event(event: dict[str, object], place: str | None) -> None:
    assert SEVERAL.place_of(event, me="1") == place


@pytest.mark.parametrize("private,belongs", [(True, True), (False, False)])
def test_private_messages_belong_there_only_if_wanted(*, private: bool, belongs: bool) -> None:
    stream = subscriptions.several({"a1": "acme/main"}, name="all flows", private=private)
    assert stream.holds({"user": "42", "to": "1"}, me="1") is belongs
    assert stream.holds({"flow": "a1"}, me="1")
    assert stream.holds({"event": "flow-remove"}, me="1")


@pytest.mark.parametrize(
    "event,flow,outgrown",
    [
        ("flow-add", "new", True),
        ("flow-add", "a1", False),
        ("flow-remove", "a1", True),
        ("flow-remove", "new", False),
        ("message", "new", False),
    ],
)
def test_a_stream_is_outgrown_when_one_comes_into_a_flow_or_goes(event: str, flow: str, *, outgrown: bool) -> None:
    assert SEVERAL.is_outgrown_by({"event": event, "content": {"id": flow}}) is outgrown
    assert not subscriptions.flow("acme", "main").is_outgrown_by({"event": event, "content": {"id": flow}})


@pytest.mark.parametrize(
    "flows,private,name",
    [(None, False, "all flows"), (["b/2", "a/1"], True, "a/1, b/2, private conversations"), ([], True, "private")],
)
def test_a_stream_has_the_same_name_each_time(flows: list[str] | None, name: str, *, private: bool) -> None:
    assert subscriptions.name_of(flows, private=private).startswith(name)


def test_what_is_not_an_event_belongs_nowhere() -> None:
    assert not subscriptions.flow("acme", "main").holds("text", me=None)
