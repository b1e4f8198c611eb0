"""The original Python wrapper lists messages and threads."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract.flows import NewFlow
from tests.contract.wrapper import RAY, Thing

pytestmark = pytest.mark.wrapper


def contents(messages: list[dict[str, Any]]) -> list[object]:
    return [message["content"] for message in messages]


def test_search_and_tags_are_united_then_skipped_then_limited(flow: Thing) -> None:
    flow.send("1. a keyword")
    flow.send("2. keywords", tags=["A"])
    flow.send("3. more keywords", tags=["A", "B"])

    def found(**conditions: object) -> list[str]:
        return [message["content"][0] for message in flow.list(**conditions)]

    either = {"search": "keyword", "tags": ["A", "B"], "tag_mode": "or"}
    assert found(search="keyword") == ["1"]
    assert found(tags=["A", "B"]) == found(tags="A,B") == ["3"]
    assert found(tags=["A", "B"], tag_mode="or") == found(tags="A,B", tag_mode="or") == ["2", "3"]
    assert found(**either) == ["1", "2", "3"]
    assert found(**either, skip=1) == ["1", "2"]
    assert found(**either, limit=1) == ["3"]
    assert found(**either, skip=1, limit=1) == ["2"]


def test_a_range_has_bounds_kinds_and_an_end_to_cut_from(flow: Thing, tmp_path: Path) -> None:
    path = tmp_path / "README.rst"
    path.write_text("read me", encoding="utf-8")
    ids = [flow.upload(str(path))["id"] for _ in range(3)] + [flow.send("text")["id"], flow.upload(str(path))["id"]]

    def found(**conditions: object) -> list[int]:
        return [ids.index(message["id"]) + 1 for message in flow.list(**conditions)]

    assert found(since_id=ids[0]) == [2, 3, 4, 5]
    assert found(since_id=ids[0], until_id=ids[4]) == [2, 3, 4]
    assert found(event="file", since_id=ids[0]) == [2, 3, 5]
    assert found(event="file", since_id=ids[0], limit=1) == [5]
    assert found(event="file", since_id=ids[0], sort="asc", limit=1) == [2]
    assert found(tags=":file") == found(event="file") == [1, 2, 3, 5]


def test_messages_are_found_by_the_tags_that_texts_give(flow: Thing) -> None:
    for text in ("nothing", "see http://example.org", "@team come", "@bob look"):
        flow.send(text)

    assert contents(flow.list(tags=":url")) == ["see http://example.org"]
    assert contents(flow.list(tags="@team")) == ["@team come"]
    assert contents(flow.list(tags="@bob")) == contents(flow.list(tags=":user:2")) == ["@bob look"]


def test_private_messages_are_listed_with_all_conditions(private: Thing, new_flow: NewFlow) -> None:
    word = new_flow.name.replace("-", "")
    ids = [private.send(f"{number} {word}", tags=[word])["id"] for number in range(3)]

    def found(**conditions: object) -> list[int]:
        return [ids.index(message["id"]) for message in private.list(**conditions)]

    assert found(search=word) == found(tags=[word]) == found(event="message", since_id=ids[0] - 1) == [0, 1, 2]
    assert found(search=word, tags="other", tag_mode="or", skip=1, limit=1) == [1]
    assert found(since_id=ids[0], until_id=ids[2]) == [1]
    assert found(since_id=ids[0] - 1, sort="asc", limit=2) == [0, 1]


def test_threads_come_newest_first_and_chat_does_not_move_them(flow: Thing, service: Thing) -> None:
    chat = flow.send("chat")["thread_id"]
    service.present("1", RAY, "created item", thread={"title": "Item 1"})
    item = flow.threads(limit=1)[0]["id"]
    flow.thread(chat).send("a reply")

    assert [thread["id"] for thread in flow.threads(limit=2)] == [item, chat]
    service.present("2", RAY, "created item", thread={"title": "Item 2"})
    service.present("1", RAY, "touched item")
    assert [thread["title"] for thread in flow.threads(limit=3)] == ["Item 1", "Item 2", "chat"]


def test_threads_are_bounded_in_time_and_two_filters_are_ignored(flow: Thing) -> None:
    updated = flow.send("now")["thread"]["updated_at"]

    assert flow.threads(since="2019-01-01T00:00:00Z", until="2019-12-01T00:00:00Z") == []
    assert flow.threads(since="2019-01-01T00:00:00Z", application="chat", empty=1) == flow.threads()
    assert updated not in [thread["updated_at"] for thread in flow.threads(until=updated)]


def test_a_thread_lists_its_own_messages(flow: Thing) -> None:
    first = flow.send("first")
    flow.send("elsewhere")
    thread = flow.thread(first["thread_id"])
    thread.send("second")

    assert contents(thread.list()) == ["first", "second"]
    assert contents(thread.list(limit=1)) == ["second"]
    assert contents(thread.list(limit=1, sort="asc")) == contents(thread.list(search="first")) == ["first"]
