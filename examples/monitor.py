"""A monitor: it watches a flow and reports what needs somebody's eye.

    python examples/monitor.py acme/main --tag incident --word outage
    python examples/monitor.py acme/main --tell bob

Reported are messages that carry one of the tags or contain one of the words, and inbox items whose status turns red.
Each is one line on standard output; with `--tell` that person gets it as a private message too. The token is
$FLOWDOCK_TOKEN, or else the one that `flowdock up` stored. Ctrl-C ends it.
"""

import argparse
import signal
import sys
from collections.abc import Collection
from datetime import UTC, datetime

import flowdock
from flowdock.protocol.types import Event, InboxItem

ALARMING = "red"


class Nicks:
    """The nicks of the people in a flow, asked for again when somebody unknown appears."""

    def __init__(self, flow: flowdock.Flow) -> None:
        self._flow = flow
        self._known: dict[str, str] = {}

    def of(self, user: str) -> str:
        """The nick of the user with this id, as messages write it."""
        if user not in self._known:
            self._known |= {str(one["id"]): one["nick"] for one in self._flow.users()}
        return self._known.setdefault(user, f"user {user}")


class Monitor:
    """Decides what is worth a report. It remembers which items are red, so that each is reported when it turns."""

    def __init__(self, nicks: Nicks, *, tags: Collection[str], words: Collection[str]) -> None:
        self._nicks = nicks
        self._tags = {tag.casefold().removeprefix("#") for tag in tags}
        self._words = [word.casefold() for word in words]
        self._red: set[str] = set()

    def report(self, event: Event) -> str | None:
        """One line about the event, None when nobody needs to know."""
        found: str | None = None
        if event["event"] == "message":
            text = event["content"].casefold()
            tagged = self._tags.intersection(tag.casefold() for tag in event["tags"])
            if tagged or any(word in text for word in self._words):
                found = f"{self._nicks.of(event['user'])} wrote: {event['content']}"
        elif event["event"] == "activity" or event["event"] == "discussion":
            found = self._turned_red(event)
        if found is None:
            return None
        moment = datetime.fromtimestamp(event["sent"] / 1000, UTC)
        return f"{moment:%Y-%m-%d %H:%M:%S}Z #{event['id']} {found}"

    def _turned_red(self, item: InboxItem) -> str | None:
        thread = item["thread"]
        status = thread["status"]
        if status is None or status["color"] != ALARMING:
            self._red.discard(thread["id"])
            return None
        if thread["id"] in self._red:
            return None
        self._red.add(thread["id"])
        return f"{thread['title']} is {status['value']} (by {item['author']['name']})"


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 when Flowdock refuses or was never reached."""
    parser = argparse.ArgumentParser(description="Report what needs somebody's eye.")
    parser.add_argument("flow", metavar="ORG/FLOW", help="what to watch, such as acme/main")
    parser.add_argument("--tag", action="append", default=[], help="report messages with this tag; may be repeated")
    parser.add_argument("--word", action="append", default=[], help="report messages with this word; may be repeated")
    parser.add_argument("--tell", metavar="NICK", help="send each report to this person, too")
    arguments = parser.parse_args()
    org, _, name = arguments.flow.partition("/")
    if not (org and name):
        parser.error(f"{arguments.flow!r} is not of the form org/flow, such as acme/main")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with flowdock.connect() as client:
            flow = client(org=org, flow=name)
            monitor = Monitor(Nicks(flow), tags=arguments.tag, words=arguments.word)
            watch(flow, monitor, tell=client(name=arguments.tell) if arguments.tell else None)
    except KeyboardInterrupt:
        return 0
    except flowdock.FlowdockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def watch(flow: flowdock.Flow, monitor: Monitor, *, tell: flowdock.Private | None) -> None:
    """Report until the connection is closed."""
    for event in flow.events():
        report = monitor.report(event)
        if report is None:
            continue
        print(report, flush=True)
        if tell is not None:
            tell.send(report)


if __name__ == "__main__":
    sys.exit(main())
