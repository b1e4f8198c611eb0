"""Changing what was said: its text, its tags, its reactions; or taking it back.

Each change is told as an event of its own. A change of text re-derives tags and so tells two, in this order.

Source: wire facts 2.3, 3.4, 4.2.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from flowdock.protocol.parameters import EditParameters, ReactionParameters
from flowdock.server.actions import indexing, places, reminding, rethreading
from flowdock.server.actions.answers import Empty
from flowdock.server.actions.places import Place
from flowdock.server.domain import messages, permissions, tagging, threads
from flowdock.server.domain.actors import Actor, Person
from flowdock.server.domain.moments import iso
from flowdock.server.domain.permissions import REACT_TO_MESSAGE, RETRACT_INBOX_ITEM, TAG_MESSAGE, Role
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import events, logs
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.events import Stored
from flowdock.server.store.transaction import Transaction

EMOJI_LIMIT = 64


def edit_message(
    tx: Transaction, actor: Actor, *, org: str, flow: str, id: int, **changes: Unpack[EditParameters]
) -> None:
    """Change a message of a flow, or move it to another of its threads."""
    place = places.in_flow(tx, actor, org, flow, TAG_MESSAGE)
    stored = events.get(tx, place.log_id, id)
    move = None
    if "thread_id" in changes:
        roles = _roles(actor, place, stored)
        move = rethreading.decided(tx, actor, place, stored, changes["thread_id"], roles=roles)
    message = _say_anew(tx, actor, place, stored, changes)
    if move is not None:
        rethreading.perform(tx, place, stored, message, move, user=_user(actor))


def edit_private(tx: Transaction, actor: Actor, *, user_id: int, id: int, **changes: Unpack[EditParameters]) -> None:
    """Change a message of a private conversation."""
    place = places.with_person(tx, actor, user_id, TAG_MESSAGE)
    if "thread_id" in changes:
        raise invalid("thread_id", "can't be given: private messages are in no thread")
    _say_anew(tx, actor, place, events.get(tx, place.log_id, id), changes)


def delete_message(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int) -> Empty | None:
    """Take back a message of a flow."""
    return _retract(tx, actor, places.in_flow(tx, actor, org, flow, RETRACT_INBOX_ITEM), id)


def delete_private(tx: Transaction, actor: Actor, *, user_id: int, id: int) -> Empty | None:
    """Take back a message of a private conversation."""
    return _retract(tx, actor, places.with_person(tx, actor, user_id, RETRACT_INBOX_ITEM), id)


def react(
    tx: Transaction, actor: Actor, *, org: str, flow: str, id: int, **reaction: Unpack[ReactionParameters]
) -> None:
    """Give a reaction in a flow or take it back; doing so twice changes nothing."""
    _react(tx, actor, places.in_flow(tx, actor, org, flow, REACT_TO_MESSAGE), id, reaction)


def react_privately(
    tx: Transaction, actor: Actor, *, user_id: int, id: int, **reaction: Unpack[ReactionParameters]
) -> None:
    """Give a reaction in a private conversation or take it back."""
    _react(tx, actor, places.with_person(tx, actor, user_id, REACT_TO_MESSAGE), id, reaction)


def _react(tx: Transaction, actor: Actor, place: Place, id: int, reaction: ReactionParameters) -> None:
    stored = events.get(tx, place.log_id, id)
    emoji = reaction.get("emoji", "").strip(":")
    if not emoji or len(emoji) > EMOJI_LIMIT or any(character.isspace() for character in emoji):
        raise invalid("emoji", f"is {emoji!r}; it is a short name such as grinning")
    kind = reaction.get("type")
    if kind is None:
        raise invalid("type", "can't be blank; it may be add or remove")
    message = stored.message
    reactions = message["emojiReactions"]
    given, user = reactions.get(emoji, []), str(_user(actor))
    if (user in given) == (kind == "add"):
        return
    reactions[emoji] = [*given, user] if kind == "add" else [one for one in given if one != user]
    if not reactions[emoji]:
        del reactions[emoji]
    events.rewrite(tx, stored, message)
    _tell(tx, actor, place, stored, "emoji-reaction", content={"message": id, "emoji": emoji, "type": kind})


def _say_anew(tx: Transaction, actor: Actor, place: Place, stored: Stored, changes: EditParameters) -> dict[str, Any]:
    """Change text and tags; the message as REST shows it then."""
    message = stored.message
    before = list(message["tags"])
    content = changes.get("content")
    tags = _tags_given(tx, actor, place, changes)
    text = None if content is None else _checked_text(actor, place, stored, content)
    after = before if tags is None else tags
    if text is not None:
        after = _tags_after(tx, actor, place, message, tags=after, text=text, tags_given=tags is not None)
    added, removed = tagging.change_of(before, after)
    text_changes = text is not None and text != messages.tag_text_of(message)
    if not text_changes and after == before:
        return message
    if text is not None:
        message["content"] = messages.with_text(message, text)
    message["tags"] = after
    _rewrite(tx, place, stored, message)
    if text_changes:
        new_content = {"message": message["id"], "updated_content": message["content"]}
        _tell(tx, actor, place, stored, "message-edit", content=new_content, lasting=False, caused_by_edit=True)
    if added or removed:
        reminding.note(tx, place.log_id, stored.key, added, author=_user(actor))
        change = {"message": message["id"], "add": added, "remove": removed}
        _tell(
            tx,
            actor,
            place,
            stored,
            "tag-change",
            content=change,
            lasting=not text_changes,
            caused_by_edit=text_changes,
        )
    return message


def _tags_given(tx: Transaction, actor: Actor, place: Place, changes: EditParameters) -> list[str] | None:
    given = changes.get("tags")
    if given is None:
        return None
    return tagging.expanded(tagging.checked_tags(given), author=_user(actor), roster=places.roster(tx, place))


def _checked_text(actor: Actor, place: Place, stored: Stored, content: str) -> str:
    permissions.demand_edit(actor, _roles(actor, place, stored), event=stored.event)
    return messages.checked_content(content)


def _tags_after(
    tx: Transaction,
    actor: Actor,
    place: Place,
    message: Mapping[str, Any],
    *,
    tags: Sequence[str],
    text: str,
    tags_given: bool,
) -> list[str]:
    roster, author = places.roster(tx, place), _user(actor)
    becomes = tagging.derived(text, author=author, roster=roster)
    was = [] if tags_given else tagging.derived(messages.tag_text_of(message), author=author, roster=roster)
    return tagging.after_edit(tags, was=was, becomes=becomes)


def _retract(tx: Transaction, actor: Actor, place: Place, id: int) -> Empty | None:
    stored = events.get(tx, place.log_id, id)
    permissions.demand_retraction(actor, _roles(actor, place, stored), event=stored.event)
    events.forget_edits(tx, stored.key)
    if permissions.leaves_a_trace(stored.event):
        _empty(tx, actor, place, stored)
        return None
    return _remove(tx, actor, place, stored)


def _empty(tx: Transaction, actor: Actor, place: Place, stored: Stored) -> None:
    message = stored.message
    if not messages.tag_text_of(message):
        return
    message["content"] = messages.with_text(message, "")
    _rewrite(tx, place, stored, {**message, "tags": []})
    gone = {"message": message["id"], "updated_content": ""}
    _tell(tx, actor, place, stored, "message-edit", content=gone, lasting=False, caused_by_edit=True)


def _remove(tx: Transaction, actor: Actor, place: Place, stored: Stored) -> Empty:
    message = stored.message
    indexing.follow(tx, place.log_id, stored, None)
    events.remove(tx, stored)
    thread = None if stored.thread_key is None else stored_threads.by_key(tx, stored.thread_key)
    if thread is not None:
        rethreading.settle(tx, threads.uncounted(thread, stored.event))
    _tell(tx, actor, place, stored, "message-delete", content={"message": message["id"]})
    return Empty(files=tuple(file["path"] for file in message["attachments"]))


def _rewrite(tx: Transaction, place: Place, stored: Stored, message: dict[str, Any]) -> None:
    message |= {"edited": tx.now, "edited_at": iso(tx.now)}
    indexing.follow(tx, place.log_id, stored, message)
    events.rewrite(tx, stored, message)


def _tell(
    tx: Transaction,
    actor: Actor,
    place: Place,
    stored: Stored,
    kind: str,
    *,
    content: Mapping[str, object],
    lasting: bool = True,
    caused_by_edit: bool = False,
) -> None:
    user = _user(actor)
    event = messages.about_a_message(
        kind,
        content,
        id=logs.take_number(tx, place.log_id),
        place=place.address,
        user=user,
        sent=tx.now,
        lasting=lasting,
        caused_by_edit=caused_by_edit,
    )
    places.record(tx, place, event, author=user, refers_to=stored.key)


def _roles(actor: Actor, place: Place, stored: Stored) -> frozenset[Role]:
    """What the caller is to a message."""
    return place.roles | {Role.AUTHOR} if stored.author == _user(actor) != 0 else place.roles


def _user(actor: Actor) -> int:
    return actor.user_id if isinstance(actor, Person) else 0
