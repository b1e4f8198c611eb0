"""How Flowdock's own library reads a text, case by case."""

import html
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from flowdock.protocol import tags
from flowdock.protocol.tags import Kind, Token

Case: TypeAlias = Mapping[str, Any]
Reading: TypeAlias = Callable[[Case], object]

RECORDED = json.loads((Path(__file__).parent / "data/flowdock-text/cases.json").read_text(encoding="utf-8"))

# Whom the recorded cases about predefined users know.
KNOWN_NAMES = {"username", *tags.EVERYONE}


def mentions(case: Case) -> list[str]:
    return [f"@{name}" for name in tags.extract_mentions(case["text"])]


def known_mentions(case: Case) -> list[str]:
    return [f"@{name}" for name in tags.extract_mentions(case["text"]) if name.casefold() in KNOWN_NAMES]


def with_indices(kind: Kind, *, key: str, sign: str = "", known: bool = False) -> Reading:
    def reading(case: Case) -> list[dict[str, object]]:
        return [
            {key: sign + token.text, "indices": [token.start, token.end]}
            for token in tags.scan(case["text"])
            if token.kind == kind and (not known or token.text.casefold() in KNOWN_NAMES)
        ]

    return reading


EXTRACT: Mapping[str, Reading] = {
    "emails": lambda case: tags.extract_emails(case["text"]),
    "emails_with_indices": with_indices("email", key="email"),
    "highlight": lambda case: tags.highlights(case["text"], case["nick"]),
    "mentions": mentions,
    "mentions_with_predefined_usertags": known_mentions,
    "mentions_with_indices": with_indices("mention", key="tag", sign="@"),
    "mentions_with_indices_with_predefined_usertags": with_indices("mention", key="tag", sign="@", known=True),
    "urls": lambda case: tags.extract_urls(case["text"]),
    "urls_with_indices": with_indices("url", key="url"),
    "hashtags": lambda case: tags.extract_hashtags(case["text"]),
    "hashtags_with_indices": with_indices("hashtag", key="tag"),
}

VALIDATE: Mapping[str, Reading] = {
    "urls": lambda case: tags.is_url(case["text"]),
    "urls_without_protocol": lambda case: tags.is_url(case["text"]),
}


def link(token: Token, written: str) -> str:
    """A token as the recorded library marks it up."""
    text = html.escape(token.text)
    match token.kind:
        case "url":
            target = text if "://" in text else f"http://{text}"
            return f'<a href="{target}">{text}</a>'
        case "email":
            return f"<a href='mailto:{text}' class='email-link'>{text}</a>"
        case "hashtag":
            return f'<a href="#flowser/all/{text}" title="#{text}" class="app-tag-link">{written}</a>'
        case "mention":
            return f'<a title="Search @{text}" class="app-tag-link" href="#flowser/all/@{text}">{written}</a>'


def linked(text: str, kinds: set[Kind]) -> str:
    pieces, position = [], 0
    for token in tags.scan(text):
        if token.kind in kinds:
            pieces += [text[position : token.start], link(token, text[token.start : token.end])]
            position = token.end
    return "".join(pieces) + text[position:]


AUTOLINK: Mapping[str, Reading] = {
    "emails": lambda case: linked(case["text"], {"email"}),
    "usernames": lambda case: linked(case["text"], {"mention"}),
    "hashtags": lambda case: linked(case["text"], {"hashtag"}),
    "urls": lambda case: linked(case["text"], {"url"}),
    "all": lambda case: linked(case["text"], {"url", "hashtag", "mention", "email"}),
}

READINGS = {"extract": EXTRACT, "validate": VALIDATE, "autolink": AUTOLINK}


def cases_of(suite: str) -> list[object]:
    return [
        pytest.param(section, case, id=f"{section}: {case['description']}")
        for section, cases in RECORDED[suite].items()
        for case in cases
    ]


def test_every_recorded_section_is_played() -> None:
    assert {suite: set(sections) for suite, sections in RECORDED.items()} == {
        suite: set(readings) for suite, readings in READINGS.items()
    }


@pytest.mark.parametrize("section,case", cases_of("extract"))
def test_a_text_is_read_as_recorded(section: str, case: Case) -> None:
    assert EXTRACT[section](case) == case["expected"]


@pytest.mark.parametrize("section,case", cases_of("validate"))
def test_a_whole_url_is_recognised_as_recorded(section: str, case: Case) -> None:
    assert VALIDATE[section](case) == case["expected"]


@pytest.mark.parametrize("section,case", cases_of("autolink"))
def test_a_text_is_linked_as_recorded(section: str, case: Case) -> None:
    assert AUTOLINK[section](case) == case["expected"]
