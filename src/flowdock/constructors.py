"""What an integration presents, as plain dictionaries with the right keys.

    from flowdock import constructors as new

    service.present(
        "ITEM-1",
        author=new.author("Ray", avatar="https://example.com/ray.png"),
        title="created item",
        thread=new.thread("Item 1", status=new.status("green", "open"), fields=[new.field("Project", "Home")]),
    )

A member that is not given is left out, because Flowdock shows only what it was told.
"""

from collections.abc import Sequence
from typing import cast

from flowdock.protocol.types import (
    COLOURS,
    Action,
    Author,
    Colour,
    Field,
    Status,
    ThreadState,
    UpdateAction,
    ViewAction,
)


def author(name: str, avatar: str | None = None, email: str | None = None) -> Author:
    """Who did something: `{"name", "avatar", "email"}`.

    `avatar` is the URL of a picture. Nobody needs an account in Flowdock to be an author.

    Example:
        new.author("Ray", avatar="https://example.com/ray.png")
    """
    return cast("Author", _given(name=name, avatar=avatar, email=email))


def thread(  # noqa: PLR0917 - in this order the known wrapper takes them
    title: str,
    body: str | None = None,
    fields: Sequence[Field] | None = None,
    status: Status | None = None,
    external_url: str | None = None,
    actions: Sequence[Action] | None = None,
) -> ThreadState:
    """The state of an item: `{"title", "body", "fields", "status", "external_url", "actions"}`.

    `title` is plain text, `body` is HTML, `external_url` is where the item lives. It replaces the state that the
    thread had before, so a member left out is empty from then on.

    Example:
        thread = new.thread(
            "Build 42 of the shop",
            status=new.status("red", "failed"),
            fields=[new.field("Branch", "main")],
            external_url="https://ci.example.com/builds/42",
        )
        service.present("BUILD-42", new.author("Ray"), "saw it fail", thread=thread)
    """
    members = {
        "title": title,
        "body": body,
        "fields": None if fields is None else list(fields),
        "status": status,
        "external_url": external_url,
        "actions": None if actions is None else list(actions),
    }
    return cast("ThreadState", _given(**members))


def field(label: str, value: str) -> Field:
    """A labelled value of a thread: `{"label", "value"}`; both may hold HTML links.

    Example:
        new.field("Commit", '<a href="https://git.example.com/1f3a">1f3a</a>')
    """
    return {"label": label, "value": value}


def status(color: Colour, value: str) -> Status:
    """The coloured state of a thread: `{"color", "value"}`, such as `new.status("green", "passed")`.

    Example:
        new.status("green", "passed")

    Raises:
        TypeError: Flowdock has no such colour; the text lists those it has.
    """
    if color not in COLOURS:
        raise TypeError(f"there is no colour {color!r}; the colours are {', '.join(COLOURS)}")
    return {"color": color, "value": value}


def view_action(name: str, url: str, description: str | None = None, image: str | None = None) -> ViewAction:
    """A link that a person may follow from a thread: `{"@type", "name", "url", "description", "image"}`.

    Example:
        new.view_action("Open the log", "https://ci.example.com/builds/42/log")
    """
    members = {"@type": "ViewAction", "name": name, "url": url, "description": description, "image": image}
    return cast("ViewAction", _given(**members))


def update_action(
    name: str, url: str, method: str = "POST", description: str | None = None, image: str | None = None
) -> UpdateAction:
    """A button on a thread: `{"@type", "name", "target", "description", "image"}`.

    Pressed, it makes Flowdock call `url` with the HTTP `method`.

    Example:
        again = new.update_action("Build again", "https://ci.example.com/builds/42/again")
        thread = new.thread("Build 42 of the shop", actions=[again])

    Source: wire facts 7.1.
    """
    target = {"@type": "EntryPoint", "urlTemplate": url, "httpMethod": method}
    members = {"@type": "UpdateAction", "name": name, "target": target, "description": description, "image": image}
    return cast("UpdateAction", _given(**members))


def _given(**members: object) -> dict[str, object]:
    return {key: value for key, value in members.items() if value is not None}
