"""What GitHub and git push: JSON in a field of a form, told apart by a header.

Source: wire facts 2.12, 3.5 (vcs).
"""

from collections.abc import Mapping
from typing import Any, Unpack

import msgspec

from flowdock.protocol.parameters import PushGitHubParameters, PushGitParameters
from flowdock.server.actions import pushing
from flowdock.server.domain import inbox, tagging
from flowdock.server.domain.refusals import Refusal, invalid
from flowdock.server.http import parameters
from flowdock.server.http.answering import Asked, Service
from flowdock.server.http.json_body import parse_json

KIND_LIMIT = 64


async def push_github(service: Service, asked: Asked, *, tokens: str, **given: Unpack[PushGitHubParameters]) -> None:
    """Put what GitHub told into the inbox; that a hook was set up is heard, and said to nobody."""
    kind = given.get("event") or asked.header("X-GitHub-Event") or "push"
    if len(kind) > KIND_LIMIT or not kind.replace("_", "").isalnum():
        raise invalid("event", f"is {kind[:80]!r}; it is the kind of a GitHub webhook, such as push")
    content = {**_payload(given.get("payload")), "event": kind}
    tags = inbox.vcs_tags_of(kind, content)
    if kind == "ping":
        await service.store.read(lambda tx: pushing.reached(tx, asked.actor, tokens))
        return
    await _push(service, asked, tokens, content, tags)


async def push_git(service: Service, asked: Asked, *, tokens: str, **given: Unpack[PushGitParameters]) -> None:
    """Put what a git hook told into the inbox."""
    content = {**_payload(given.get("payload")), "event": "push"}
    await _push(service, asked, tokens, content, inbox.tags_of("vcs", content))


async def _push(service: Service, asked: Asked, tokens: str, content: Mapping[str, Any], tags: list[str]) -> None:
    kept = tagging.checked_tags([tag[: tagging.TAG_LENGTH_LIMIT] for tag in tags][-tagging.TAG_COUNT_LIMIT :])
    await service.store.write(
        lambda tx: pushing.push_vcs(tx, asked.actor, tokens=tokens, content=content, tags=kept), about=tokens
    )


def _payload(given: object) -> Mapping[str, object]:
    """The object that was sent, as text or as it is."""
    found: object = given
    if isinstance(given, str):
        try:
            # As a member: at the top of a body null means left out.
            found = parse_json(b'{"payload":%b}' % given.encode()).get("payload")
        except Refusal as refusal:
            raise invalid("payload", f"cannot be read: {refusal.message}") from refusal
    if not isinstance(found, dict) or any(parameters.uploads_in(found)):
        raise invalid("payload", "is no JSON object; it is what the hook tells")
    size = len(msgspec.json.encode(found))
    if size > inbox.CONTENT_LIMIT:
        raise invalid("payload", f"has {size} bytes; it may have at most {inbox.CONTENT_LIMIT}")
    return found
