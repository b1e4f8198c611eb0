"""The Push API: whoever holds the token of a flow speaks into it without signing in.

Several tokens reach several flows, all of them or none.

Source: wire facts 2.12, 3.5.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack, cast

from flowdock.protocol.parameters import (
    CommentParameters,
    PushChatParameters,
    PushConfluenceParameters,
    PushInboxParameters,
    PushJiraParameters,
    SendParameters,
)
from flowdock.server.actions import commenting, mailing, places, sending
from flowdock.server.actions.mailing import Mail
from flowdock.server.actions.places import Place
from flowdock.server.actions.sending import Words
from flowdock.server.domain import inbox, messages, naming, permissions, tagging, threads
from flowdock.server.domain.actors import Actor, idempotency_owner
from flowdock.server.domain.inbox import Address
from flowdock.server.domain.links import checked_link
from flowdock.server.domain.permissions import PUSH_TO_FLOW, Role
from flowdock.server.domain.refusals import gone, invalid, not_found
from flowdock.server.store import flows, idempotency, logs, sources
from flowdock.server.store.transaction import Transaction

TOKENS_LIMIT = 20
_HOLDER = frozenset({Role.HOLDER})


def push_chat(tx: Transaction, actor: Actor, *, tokens: str, **given: Unpack[PushChatParameters]) -> None:
    """Say something under a name of one's own, in a new thread, into one, or on a message."""
    name = given.get("external_user_name")
    if name is None:
        raise invalid("external_user_name", "can't be blank")
    said: CommentParameters = {"external_user_name": messages.checked_external_user_name(name)}
    for member in ("content", "tags", "uuid"):
        if member in given:
            said[member] = given[member]
    parent = given.get("message_id", given.get("message"))
    for place in reached(tx, actor, tokens):
        if parent is not None:
            commenting.remark_on(tx, actor, place, parent, said)
            continue
        message = {**said, "event": "message", "thread_id": given.get("thread_id")}
        sending.post(tx, actor, place, cast("SendParameters", message))


def push_inbox(tx: Transaction, actor: Actor, *, tokens: str, **given: Unpack[PushInboxParameters]) -> None:
    """Put an item into the inbox, in the shape of a mail and in a thread that has its subject."""
    content = mailing.content_of(_mail(given))
    explicit = tagging.checked_tags(given.get("tags") or ())
    uuid = given.get("uuid")
    for place in reached(tx, actor, tokens):
        tags = [*explicit, f":source:{content['source']}"]
        put_into(tx, actor, place, "mail", content, tags=tags, uuid=uuid)


def push_jira(tx: Transaction, actor: Actor, *, tokens: str, **given: Unpack[PushJiraParameters]) -> None:
    """Put what JIRA's plug-in said into the inbox."""
    for field in ("event_type", "issue_key"):
        inbox.checked_text(given.get(field), field=field, limit=inbox.SUBJECT_LIMIT)  # type: ignore[arg-type]
    _push_item(tx, actor, tokens, "jira", inbox.cleaned(given))


def push_confluence(tx: Transaction, actor: Actor, **given: Unpack[PushConfluenceParameters]) -> None:
    """Put what Confluence's plug-in said into the inbox."""
    tokens = given.pop("tokens", "")
    for field in ("event", "page_title"):
        inbox.checked_text(given.get(field), field=field, limit=inbox.SUBJECT_LIMIT)  # type: ignore[arg-type]
    _push_item(tx, actor, tokens, "confluence", inbox.cleaned(given))


def push_vcs(tx: Transaction, actor: Actor, *, tokens: str, content: Mapping[str, Any], tags: Sequence[str]) -> None:
    """Put what a version control system told into the inbox."""
    for place in reached(tx, actor, tokens):
        put_into(tx, actor, place, "vcs", content, tags=tags)


def reached(tx: Transaction, actor: Actor, tokens: str) -> list[Place]:
    """The flows whose tokens these are, with commas between; nobody else writes to them until the commit.

    A flow's own token counts, and that of one of its sources.

    Raises:
        Refusal: 404, one is the token of nothing; 410, one is that of a removed source; 403, a flow is archived.
    """
    permissions.demand(PUSH_TO_FLOW, actor, _HOLDER)
    wanted = list(dict.fromkeys(token for token in map(str.strip, tokens.split(",")) if token))
    if not wanted:
        raise not_found()
    if len(wanted) > TOKENS_LIMIT:
        raise invalid("tokens", f"are {len(wanted)}; one request may have {TOKENS_LIMIT}")
    logs.lock_each(tx, [_log_of(tx, token) for token in wanted])
    # Once more: a token may have been renewed while the lock was waited for.
    log_ids = sorted({_log_of(tx, token) for token in wanted})
    return [places.flow_itself(tx, log_id, PUSH_TO_FLOW) for log_id in log_ids]


def put_into(
    tx: Transaction,
    actor: Actor,
    place: Place,
    event: str,
    content: Mapping[str, Any],
    *,
    tags: Sequence[str],
    uuid: str | None = None,
) -> None:
    """Make something an item of a flow's inbox, in a thread of its own; once only for each uuid."""
    owner = idempotency_owner(actor)
    if uuid is not None and idempotency.find(tx, place.log_id, owner, messages.checked_uuid(uuid)) is not None:
        return
    expanded = tagging.expanded(tags, author=0, roster=places.roster(tx, place))
    words = Words(content, expanded, threads.title_of(inbox.title_of(event, content)))
    number, _ = sending.publish(tx, place, words, event=event, author=0, uuid=uuid)
    if uuid is not None:
        idempotency.remember(tx, place.log_id, owner, uuid, number)


def _push_item(tx: Transaction, actor: Actor, tokens: str, event: str, content: Mapping[str, Any]) -> None:
    tags = tagging.checked_tags(inbox.tags_of(event, content)[: tagging.TAG_COUNT_LIMIT])
    for place in reached(tx, actor, tokens):
        put_into(tx, actor, place, event, content, tags=tags)


def _log_of(tx: Transaction, token: str) -> int:
    digest = naming.token_digest(token)
    log_id = flows.find_by_api_token(tx, digest)
    if log_id is not None:
        return log_id
    source = sources.find_by_token(tx, digest)
    if source is None:
        raise not_found()
    if source.removed_at is not None:
        raise gone()
    return source.log_id


def _mail(given: PushInboxParameters) -> Mail:
    """What is pushed as a mail, and what this API adds to one."""
    source, project = inbox.checked_source(given.get("source")), given.get("project") or None
    sender: Address = {
        "name": given.get("from_name") or None,
        "address": naming.checked_email(given.get("from_address", ""), field="from_address"),
    }
    reply_to = given.get("reply_to") or None
    if given.get("format", "html") != "html":
        raise invalid("format", f"is {given['format']!r}; it may be html")
    content = inbox.checked_text(given.get("content"), field="content", limit=inbox.CONTENT_LIMIT)
    return Mail(
        subject=inbox.checked_text(given.get("subject"), field="subject", limit=inbox.SUBJECT_LIMIT),
        content=content,
        senders=[sender],
        reply_to=[{"name": None, "address": naming.checked_email(reply_to, field="reply_to")}] if reply_to else [],
        more={
            "source": source,
            "project": None if project is None else inbox.checked_source(project, field="project"),
            "link": checked_link(given.get("link", ""), field="link"),
        },
    )
