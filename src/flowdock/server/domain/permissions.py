"""Who may do what to a message: the only place that decides.

Whoever may not even see a thing is told that it does not exist; whoever sees it but may not do this is told so.

| verb              | whose                                   | which                     |
|-------------------|-----------------------------------------|---------------------------|
| read, list, react | any member                              | everything in the flow    |
| tag               | any member                              | everything in the flow    |
| edit the content  | its author                              | message, comment          |
| retract           | its author                              | message, comment, file    |
| retract           | any member                              | inbox items               |

Source: wire facts 2.3.
"""

from flowdock.server.domain.actors import Actor, Person

EDITABLE = frozenset({"message", "comment"})
INBOX = frozenset(
    {
        "activity",
        "discussion",
        "mail",
        "rss",
        "twitter",
        "vcs",
        "svn",
        "jira",
        "confluence",
        "pivotaltracker",
        "uservoice",
        "zendesk",
        "trello",
    }
)


def may_edit_content(actor: Actor, *, event: str, author: int) -> bool:
    """Whether the text of a message may be changed."""
    return isinstance(actor, Person) and event in EDITABLE and author == actor.user_id


def may_retract(actor: Actor, *, event: str, author: int) -> bool:
    """Whether a message may be deleted."""
    if not isinstance(actor, Person):
        return False
    return event in INBOX or (event in EDITABLE | {"file"} and author == actor.user_id)


def leaves_a_trace(event: str) -> bool:
    """Whether a retracted message remains with empty content (chat), or is gone altogether (files, inbox items)."""
    return event in EDITABLE
