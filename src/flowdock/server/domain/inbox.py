"""Items that services push into a flow's inbox: what each kind is called, and by which words and tags it is found.

The content of most kinds is what the service said, in its own members. What is HTML in it is cleaned.

Source: wire facts 3.5; the tags as in the recordings of oulu.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from flowdock.protocol import tags as grammar
from flowdock.server.domain import html
from flowdock.server.domain.refusals import invalid

SUBJECT_LIMIT = 1024
CONTENT_LIMIT = 1 << 20

_SOURCE = re.compile(r"[\w \-]{1,100}")
_ZEROES = re.compile(r"0+")

_TEXTS: Mapping[str, Sequence[str]] = {
    "jira": ("comment_body", "issue_description"),
    "confluence": ("comment_content_summary", "version_comment", "content_summary"),
}
"""The members in which people said something."""
_TITLES: Mapping[str, Sequence[str]] = {"jira": ("issue_key", "issue_summary"), "confluence": ("page_title",)}


class Address(TypedDict):
    """Somebody as a mail names them."""

    name: str | None
    address: str


def checked_source(name: str | None, *, field: str = "source") -> str:
    """The name of what sends an item, if it can be one."""
    if not name or not name.strip():
        raise invalid(field, "can't be blank")
    if not _SOURCE.fullmatch(name):
        raise invalid(field, f"is {name[:80]!r}; it may have 100 letters, digits, blanks, _ and -")
    return name


def checked_text(text: str | None, *, field: str, limit: int) -> str:
    """A text that has to be there."""
    if not text or not text.strip():
        raise invalid(field, "can't be blank")
    if len(text) > limit:
        raise invalid(field, f"is too long ({len(text)} characters; maximum is {limit})")
    return text


def cleaned(content: Mapping[str, object]) -> dict[str, Any]:
    """Flat content in which what is HTML by its name can be shown."""
    return {
        name: html.safe(value) if isinstance(value, str) and (name.endswith("_html") or name == "diff") else value
        for name, value in content.items()
    }


def title_of(event: str, content: Mapping[str, Any]) -> str:
    """What an item is called."""
    if event == "vcs":
        return _title_of_vcs(content)
    if event not in _TITLES:
        return _text(content, "subject")
    return ": ".join(text for name in _TITLES[event] if (text := _text(content, name)))


def text_of(event: str, content: Mapping[str, Any]) -> str:
    """What people said in an item: there hashtags count."""
    if event == "vcs":
        return "\n".join(_said_in_vcs(content))
    return "\n".join(text for name in _TEXTS.get(event, ()) if (text := _text(content, name)))


def tags_of(event: str, content: Mapping[str, Any]) -> list[str]:
    """The tags that an item has by itself: the hashtags of its text, then where it comes from, or `:url`."""
    text = text_of(event, content)
    hashtags = grammar.extract_hashtags(text)
    if event == "vcs":
        return [*hashtags, *(f"project:{project}" for project in [_project(content)] if project)]
    has_url = event == "confluence" and any(token.kind == "url" for token in grammar.scan(text))
    return [*hashtags, *([grammar.URL_TAG] if has_url else [])]


def vcs_tags_of(kind: str, content: Mapping[str, Any]) -> list[str]:
    """The same for what GitHub tells, with what it is between the two."""
    found = tags_of("vcs", content)
    at = len(found) - bool(_project(content))
    return [*found[:at], f"github:{kind}", *found[at:]]


def _title_of_vcs(content: Mapping[str, Any]) -> str:
    about = _member(content, "pull_request") or _member(content, "issue")
    number, title, project = about.get("number"), _text(about, "title"), _project(content)
    if title:
        return f"{project}#{number}: {title}" if isinstance(number, int) else title
    branch, commits = _text(content, "ref").removeprefix("refs/heads/").removeprefix("refs/tags/"), _commits(content)
    if _ZEROES.fullmatch(_text(content, "after")):
        return f"{project} {branch} deleted".strip()
    if branch:
        return f"{project} {branch}: {len(commits)} commit{'' if len(commits) == 1 else 's'}".strip()
    return f"{project} {_text(content, 'event').replace('_', ' ')}".strip()


def _said_in_vcs(content: Mapping[str, Any]) -> list[str]:
    said = [_text(commit, "message") for commit in _commits(content)]
    for name in ("pull_request", "issue", "comment", "review", "release"):
        # Of a comment only what is new counts: what it is about was said before.
        if name in ("pull_request", "issue") and ("comment" in content or "review" in content):
            continue
        said += [_text(_member(content, name), part) for part in ("title", "body")]
    return [text for text in said if text]


def _project(content: Mapping[str, Any]) -> str:
    repository = _member(content, "repository")
    if full := _text(repository, "full_name"):
        return full
    owner, name = _member(repository, "owner"), _text(repository, "name")
    by = _text(owner, "name") or _text(owner, "login")
    return f"{by}/{name}" if by and name else name


def _commits(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = content.get("commits")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _member(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _text(content: Mapping[str, Any], name: str) -> str:
    found = content.get(name)
    return found if isinstance(found, str) else ""
