import inspect

import pytest

from flowdock import constructors as new
from flowdock.protocol.types import COLOURS


def test_an_author_has_the_members_that_were_given() -> None:
    assert new.author("Ray") == {"name": "Ray"}
    assert new.author("Ray", "https://example.com/ray.png", "ray@example.com") == {
        "name": "Ray",
        "avatar": "https://example.com/ray.png",
        "email": "ray@example.com",
    }


def test_a_thread_has_the_members_that_were_given() -> None:
    assert new.thread("Item") == {"title": "Item"}
    assert new.thread("Item", body="", fields=[], actions=()) == {
        "title": "Item",
        "body": "",
        "fields": [],
        "actions": [],
    }


def test_a_whole_thread_is_built_of_its_parts() -> None:
    thread = new.thread(
        "Item",
        "<p>details</p>",
        [new.field("Branch", "main")],
        new.status("green", "passed"),
        "https://ci.example/7",
        [new.view_action("Open", "https://ci.example/7"), new.update_action("Retry", "https://ci.example/7/retry")],
    )

    assert thread == {
        "title": "Item",
        "body": "<p>details</p>",
        "fields": [{"label": "Branch", "value": "main"}],
        "status": {"color": "green", "value": "passed"},
        "external_url": "https://ci.example/7",
        "actions": [
            {"@type": "ViewAction", "name": "Open", "url": "https://ci.example/7"},
            {
                "@type": "UpdateAction",
                "name": "Retry",
                "target": {
                    "@type": "EntryPoint",
                    "urlTemplate": "https://ci.example/7/retry",
                    "httpMethod": "POST",
                },
            },
        ],
    }


def test_actions_may_have_a_description_and_an_image() -> None:
    view = new.view_action("Open", "https://ci.example/7", description="Open it", image="https://ci.example/i.png")
    update = new.update_action("Drop", "https://ci.example/7", method="DELETE", description="Drop it")

    assert (view["description"], view["image"]) == ("Open it", "https://ci.example/i.png")
    assert (update["description"], update["target"]["httpMethod"]) == ("Drop it", "DELETE")
    assert "image" not in update


@pytest.mark.parametrize("colour", COLOURS)
def test_each_colour_makes_a_status(colour: str) -> None:
    assert new.status(colour, "open") == {"color": colour, "value": "open"}  # type: ignore[arg-type]


def test_a_colour_that_is_none_is_answered_with_all_there_are() -> None:
    with pytest.raises(TypeError) as caught:
        new.status("pink", "open")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "there is no colour 'pink'; the colours are black, blue, cyan, green, grey, lime, orange, purple, red, yellow"
    )


@pytest.mark.parametrize(
    "constructor,keys",
    [
        (new.author, ["name", "avatar", "email"]),
        (new.thread, ["title", "body", "fields", "status", "external_url", "actions"]),
        (new.field, ["label", "value"]),
        (new.status, ["color", "value"]),
        (new.view_action, ["@type", "name", "url", "description", "image"]),
        (new.update_action, ["@type", "name", "target", "description", "image"]),
    ],
)
def test_help_shows_the_keys(constructor: object, keys: list[str]) -> None:
    text = inspect.getdoc(constructor)

    assert text is not None
    assert "{" + ", ".join(f'"{key}"' for key in keys) + "}" in text
