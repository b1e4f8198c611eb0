"""One function per thing that can be asked of Flowdock: arguments → `Call`, what to send and how to read the answer.

Pure, in a module for each noun. Method, path and result of a call are its row in `endpoints`; here is only what the row
does not say.

Source: wire facts 2.
"""

from flowdock.client.calls import (
    applications,
    conversations,
    flows,
    integrating,
    invitations,
    messages,
    oauth,
    organizations,
    people,
    searching,
    sources,
    threads,
    tokens,
    unread,
    webhooks,
)
from flowdock.client.calls.call import Call

__all__ = [
    "Call",
    "applications",
    "conversations",
    "flows",
    "integrating",
    "invitations",
    "messages",
    "oauth",
    "organizations",
    "people",
    "searching",
    "sources",
    "threads",
    "tokens",
    "unread",
    "webhooks",
]
