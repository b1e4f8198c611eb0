"""Who one is there: the token, what it may be used for, the flows."""

from collections.abc import Iterator

import flowdock
from flowdock.cli.doctor.findings import Case, Finding, fine, note, wrong
from flowdock.protocol.errors import ApiError, FlowdockError, Forbidden, Unauthorized

SECONDS = 10.0


def token(case: Case) -> Iterator[Finding]:
    """Whether there is a token, whose it is, and what it opens."""
    where = case.where
    if not where.token:
        then = "'flowdock login' keeps one; an administrator makes it with 'flowdock admin create-token'"
        yield wrong("token", f"there is none for {where.api_url}", then, is_end=True)
        return
    with _client(case) as client:
        try:
            user = client.me()
        except Unauthorized:
            then = "'flowdock login' keeps another; was it ended, or is it of another server?"
            yield wrong("token", f"{where.api_url} does not know it", then, is_end=True)
            return
        except Forbidden:
            yield note("token", "limited: it may not even tell whose it is")
            return
        except FlowdockError as error:
            yield wrong("token", str(error), "look at the server's log", is_end=True)
            return
        yield fine("token", f"of {user['nick']} ({user['email']}), {_limits(client)}")


def flows(case: Case) -> Iterator[Finding]:
    """Whether one is in flows, and in that of the profile."""
    from flowdock.cli.session import name_of

    with _client(case) as client:
        try:
            names = [name_of(flow) for flow in client.flows()]
        except ApiError:
            yield note(
                "flows", "this token may not see flows", "'flowdock tokens create --scope flow' makes one that may"
            )
            return
    where = case.where
    stored = f"{where.org}/{where.flow}" if where.org and where.flow else None
    if not names:
        yield wrong("flows", "you are in none", "'flowdock flows --all' shows those you may join")
    elif stored is not None and stored not in names:
        yield wrong(
            "flows", f"you are not in {stored}, which the profile names", "'flowdock login --flow' names another"
        )
    else:
        yield fine("flows", f"{len(names)}: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}")


def _limits(client: flowdock.Client) -> str:
    """Only a token without limits may see tokens."""
    try:
        client.tokens()
    except Forbidden:
        return "limited to some scopes"
    except FlowdockError:
        return "whose limits are not known"
    return "without limits"


def _client(case: Case) -> flowdock.Client:
    where = case.where
    return flowdock.connect(
        token=where.token, api_url=where.api_url, stream_url=where.stream_url, timeout=SECONDS, deadline=SECONDS
    )
