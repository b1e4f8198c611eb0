"""Which flow a mail address means, and which tags.

main@acme.flowdock.example           the flow main of acme
main+bug+urgent@acme.flowdock.example     the same, with two tags
acme.main+bug@flowdock.example       where the domain has no names below it
"""

import re
from dataclasses import dataclass

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
# No colon and no @: marks such as `:unread:9` and mentions are not for strangers to set.
_TAG = re.compile(r"[\w.-]{1,100}")
TAGS = 20
"""So many tags of an address are taken."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A flow by its two names, and what its item is to be tagged with."""

    org: str
    flow: str
    tags: tuple[str, ...] = ()


def recipient_of(address: str, *, mail_domain: str) -> Recipient | None:
    """Whom an address means, in lower or upper case; None when it is none of this server's."""
    local, _, domain = address.strip().lower().rpartition("@")
    names, *tags = local.strip('"').split("+")
    own = mail_domain.lower()
    domain = domain.rstrip(".")
    if domain == own:
        org, _, flow = names.partition(".")
    elif domain.endswith(f".{own}"):
        org, flow = domain.removesuffix(f".{own}"), names
    else:
        return None
    if not _NAME.fullmatch(org) or not _NAME.fullmatch(flow):
        return None
    wanted = dict.fromkeys(tag for tag in tags if _TAG.fullmatch(tag))
    return Recipient(org, flow, tuple(wanted)[:TAGS])
