"""HTML from integrations, reduced to what may be shown.

Text without `<` holds no markup and stays as it came; so do links, which got no `rel` from the service either.

Source: wire facts 3.6: a title may hold links only, a body any safe HTML.
"""

from html import unescape

import nh3

_SCHEMES = {"http", "https", "mailto"}


def with_links_only(text: str) -> str:
    """The text with every element but `a` taken out."""
    if "<" not in text:
        return text
    return nh3.clean(text, tags={"a"}, attributes={"a": {"href", "title"}}, url_schemes=_SCHEMES, link_rel=None)


def plain(text: str) -> str:
    """The text as somebody reads it who sees no markup."""
    return unescape(nh3.clean(text, tags=set())) if "<" in text or "&" in text else text


def safe(text: str) -> str:
    """The text without anything that could run, load or frame."""
    return nh3.clean(text, url_schemes=_SCHEMES | {"cid"}, link_rel=None) if "<" in text else text
