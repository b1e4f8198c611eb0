"""The original Python wrapper presents the items of an outside service."""

import pytest

from tests.contract.wrapper import NOT_FOUND, RAY, RaisedThereError, Thing, Wrapper

pytestmark = pytest.mark.wrapper


def test_an_item_is_presented_by_activities_and_discussions(flow: Thing, service: Thing) -> None:
    item = {"title": "Item 01"}

    assert service.present("ITEM-01", author=RAY, title="created item", thread=item) is None
    service.present("ITEM-01", author=RAY, title="commented", body="The comment", thread=item)

    created, commented = flow.list(limit=2)
    assert (created["event"], created["title"], created["body"]) == ("activity", "created item", None)
    assert (commented["event"], commented["body"], commented["author"]) == ("discussion", "The comment", RAY)
    assert created["thread_id"] == commented["thread_id"]
    assert (commented["thread"]["activities"], commented["thread"]["external_comments"]) == (1, 1)
    assert commented["thread"]["source"]["application"]["name"] == "CI"


def test_a_known_item_needs_no_thread_and_keeps_its_state(wrapper: Wrapper, flow: Thing, service: Thing) -> None:
    state = wrapper.constructor("status", "green", "passed")
    service.present("7", RAY, "created item", thread=wrapper.constructor("thread", "Item", status=state))

    service.present("7", RAY, "commented", body="More comment with a URI")

    said = flow.list(event="discussion").pop()
    assert said["body"] == flow.list(search="URI").pop()["body"] == "More comment with a URI"
    assert (said["thread"]["title"], said["thread"]["status"]) == ("Item", {"color": "green", "value": "passed"})


def test_an_unknown_item_without_its_thread_is_refused(service: Thing) -> None:
    with pytest.raises(RaisedThereError, match=r"AssertionError: \(400, .*errors"):
        service.present("never seen", RAY, "commented", body="What?")


def test_what_the_constructors_make_becomes_the_thread(wrapper: Wrapper, flow: Thing, service: Thing) -> None:
    action = {"@type": "ViewAction", "name": "Diff", "url": "https://example.org/42/files"}
    item = wrapper.constructor(
        "thread",
        "Item 01",
        external_url="https://example.org/item/42",
        body="<strong>The detail</strong>",
        fields=[wrapper.constructor("field", label="a", value='<a href="https://example.org">2</a>')],
        status=wrapper.constructor("status", color="lime", value="TODO"),
        actions=[action],
    )

    service.present("42", wrapper.constructor("author", "Ray"), "created item", thread=item)

    thread = next(found for found in flow.threads() if found["external_url"] == item["external_url"])
    assert {name: thread[name] for name in item} == item
    assert flow.thread(thread["id"]).list(event="activity").pop()["author"] == {"name": "Ray"}


def test_a_presented_item_is_tagged_and_answered_like_a_message(flow: Thing, service: Thing) -> None:
    service.present("1", RAY, "created item", thread={"title": "Item"})
    activity = flow.list(event="activity", limit=1).pop()

    flow.edit(activity["id"], tags=["idea"])
    reply = flow.thread(activity["thread_id"]).send("Reply the other idea")

    assert flow.show(activity["id"])["tags"] == ["idea"]
    assert (reply["app"], reply["thread"]["title"]) == ("chat", "Item")
    assert (reply["thread"]["activities"], reply["thread"]["internal_comments"]) == (1, 1)


def test_anybody_deletes_an_item_and_its_thread_stays_reachable(
    flow: Thing, flow_of_bob: Thing, service: Thing
) -> None:
    service.present("1", RAY, "created item", thread={"title": "Item"})
    activity = flow.list(event="activity", limit=1).pop()

    flow_of_bob.delete(activity["id"])

    with pytest.raises(RaisedThereError, match=NOT_FOUND):
        flow.show(activity["id"])
    assert activity["thread_id"] in [thread["id"] for thread in flow.threads()]
    assert flow.thread(activity["thread_id"]).list() == []
