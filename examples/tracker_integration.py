"""An integration: the tickets of an issue tracker in the team inbox, each as a thread with a coloured status.

    python examples/tracker_integration.py https://tracker.example.com/tickets.json --every 60
    python examples/tracker_integration.py tickets.json --once

The tracker offers its tickets as JSON, here as most of them do after little persuasion:

    [{"id": "T-7", "title": "Lamp is dark", "state": "open", "author": "Ray", "url": "https://…/T-7", "comment": null}]

A ticket is presented when it is new or has changed: a change of `state` or `title` as an activity, a new `comment` as a
discussion. What was presented is kept in a file, so that nothing comes again after a restart. The flow token is
$FLOWDOCK_FLOW_TOKEN, or else the one that `flowdock up` stored. Ctrl-C ends it.
"""

import argparse
import html
import json
import signal
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import flowdock
from flowdock import constructors as new
from flowdock.protocol.types import Colour

Ticket: TypeAlias = Mapping[str, Any]

COLOURS: Mapping[str, Colour] = {"open": "yellow", "in progress": "blue", "fixed": "green", "rejected": "grey"}
TIMEOUT = 30.0


def main() -> int:
    """The exit code: 0 when done or after Ctrl-C, 1 when Flowdock refuses or a single look failed."""
    parser = argparse.ArgumentParser(description="Present the tickets of a tracker in a flow's inbox.")
    parser.add_argument("tickets", metavar="URL|FILE", help="where the tickets are, as JSON")
    parser.add_argument("--state", type=Path, default=Path("tracker-state.json"), help="what was presented already")
    parser.add_argument("--every", type=float, default=60.0, metavar="SECONDS", help="how often to look")
    parser.add_argument("--once", action="store_true", help="look once, then end")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with flowdock.connect(flow_token=None) as service:
            while True:
                try:
                    present_changes(service, read_tickets(arguments.tickets), arguments.state)
                except (OSError, ValueError, flowdock.ConnectionFailed, flowdock.ServerError) as error:
                    # The next look may fare better; whatever was not presented is still to come.
                    print(f"this time without success: {error}", file=sys.stderr, flush=True)
                    if arguments.once:
                        return 1
                if arguments.once:
                    return 0
                time.sleep(arguments.every)
    except KeyboardInterrupt:
        return 0
    except flowdock.FlowdockError as error:
        print(error, file=sys.stderr)
        return 1


def read_tickets(source: str) -> list[Ticket]:
    """The tickets as they are now, from an address or from a file."""
    if source.startswith(("http://", "https://")):
        with urllib.request.urlopen(source, timeout=TIMEOUT) as answer:  # noqa: S310 - the scheme was looked at
            tickets = json.load(answer)
    else:
        tickets = json.loads(Path(source).read_text(encoding="utf-8"))
    if not isinstance(tickets, list):
        raise ValueError(f"{source} is not a list of tickets but {str(tickets)[:40]!r}")  # noqa: TRY004 - a bad value
    return tickets


def present_changes(service: flowdock.Service, tickets: list[Ticket], state: Path) -> None:
    """Present what is new since the last time, and remember it ticket by ticket."""
    known: dict[str, dict[str, Any]] = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
    for ticket in tickets:
        before = known.get(ticket["id"])
        now = {part: ticket.get(part) for part in ("title", "state", "comment")}
        if before == now:
            continue
        present(service, ticket, before)
        known[ticket["id"]] = now
        remember(state, known)
        print(f"presented {ticket['id']}: {ticket['state']}", flush=True)


def present(service: flowdock.Service, ticket: Ticket, before: Mapping[str, Any] | None) -> None:
    """Tell what happened to one ticket; `before` is how it was presented last, if it was."""
    author = new.author(ticket["author"])
    thread = new.thread(
        ticket["title"],
        status=new.status(COLOURS.get(ticket["state"], "black"), ticket["state"]),
        fields=[new.field("Reported by", html.escape(ticket["author"]))],
        external_url=ticket["url"],
    )
    if (happened := what_happened(ticket, before)) is not None:
        service.present(ticket["id"], author, happened, thread=thread)
    comment = ticket.get("comment")
    if comment and (before is None or before["comment"] != comment):
        # Titles and bodies are HTML, and a tracker's text is not.
        service.present(ticket["id"], author, "commented", body=f"<p>{html.escape(comment)}</p>", thread=thread)


def what_happened(ticket: Ticket, before: Mapping[str, Any] | None) -> str | None:
    """What the author did to the ticket itself, None if nothing but a comment is new."""
    if before is None:
        return "reported this"
    if before["state"] != ticket["state"]:
        return f"set it to {html.escape(ticket['state'])}"
    return "gave it a new title" if before["title"] != ticket["title"] else None


def remember(state: Path, known: Mapping[str, object]) -> None:
    """Replace the file in one step, so that a cut never leaves half of it."""
    fresh = state.with_suffix(".new")
    fresh.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(state)


if __name__ == "__main__":
    sys.exit(main())
