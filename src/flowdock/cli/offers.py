"""Names that the server knows, for a shell that completes: quickly or not at all, and kept for the next time."""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowdock.client import confidences, settings
from flowdock.client.settings import Settings

if TYPE_CHECKING:
    from flowdock import Client, Flow

SECONDS = 1.5
"""So long a shell waits for the server."""
KEPT_SECONDS = 60.0
"""So old may be what is offered."""


def flows(where: Settings) -> list[str]:
    """The flows one is in, as --flow takes them."""
    return _kept(where, "flows", _flows)


def nicks(where: Settings) -> list[str]:
    """The people one can see."""
    return _kept(where, "nicks", lambda client: sorted(user["nick"] for user in client.users()))


def tags(where: Settings, flow: str | None) -> list[str]:
    """The tags of the newest messages of a flow, the most frequent first; no flow is that of the profile."""
    return _kept(where, f"tags {flow}", lambda client: _tags(_flow(client, where, flow)))


def threads(where: Settings, flow: str | None) -> list[tuple[str, str]]:
    """The threads of a flow that were updated last: the number of the first message, and the title."""
    found = _kept(where, f"threads {flow}", lambda client: _threads(_flow(client, where, flow)))
    return [(number, title) for number, title in found]


def _flows(client: "Client") -> list[str]:
    from flowdock.cli.session import name_of

    return sorted(map(name_of, client.flows()))


def _tags(flow: "Flow") -> list[str]:
    from collections import Counter

    counts = Counter(tag for message in flow.list(limit=100) for tag in message["tags"] or ())
    return [tag for tag, _ in counts.most_common() if not tag.startswith((":", "influx:"))]


def _threads(flow: "Flow") -> list[list[str]]:
    return [[str(thread["initial_message"]), thread["title"]] for thread in flow.threads(limit=30)]


def _flow(client: "Client", where: Settings, name: str | None) -> "Flow":
    if name is None:
        name = f"{where.org}/{where.flow}" if where.org and where.flow else _flows(client)[0]
    org, _, flow = name.partition("/")
    return client(org=org, flow=flow)


def here(*, token: str | None = None, api_url: str | None = None) -> Settings:
    """The server that a command with these options would talk to."""
    return settings.current({"token": token, "api_url": api_url})


def _kept(where: Settings, what: str, ask: Callable[["Client"], list[Any]]) -> list[Any]:
    """What was kept, if it is fresh; else what the server says, if it does so in time; else what was kept."""
    key = hashlib.sha256(f"{where.api_url} {where.token} {what}".encode()).hexdigest()[:24]
    path = _folder() / f"{key}.json"
    kept = _read(path)
    if kept is None or time.time() - path.stat().st_mtime > KEPT_SECONDS:
        answer = _in_time(lambda: _asked(where, ask))
        if answer is not None:
            confidences.write(path, json.dumps(answer))
            return answer
    return kept or []


def _asked(where: Settings, ask: Callable[["Client"], list[Any]]) -> list[Any]:
    import flowdock

    with flowdock.connect(
        token=where.token, api_url=where.api_url, stream_url=where.stream_url, timeout=SECONDS
    ) as client:
        return ask(client)


def _in_time(ask: Callable[[], list[Any]]) -> list[Any] | None:
    """The answer, unless it takes too long: a name that is looked up cannot be given up otherwise."""
    answers: list[list[Any]] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception:  # noqa: BLE001 - whatever it is, there is nothing to offer
            return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return answers[0] if answers else None


def _read(path: Path) -> list[Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, list) else None


def _folder() -> Path:
    folder = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118
    return Path(folder, "flowdock", "offers")
