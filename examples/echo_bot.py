"""An echo bot: whatever follows `!echo` in a message comes back in the thread of that message.

    python examples/echo_bot.py acme/main
    python examples/echo_bot.py acme/main --word '!say'

The bot speaks as whoever owns $FLOWDOCK_TOKEN, or else the token that `flowdock up` stored. Ctrl-C ends it.
"""

import argparse
import signal
import sys

import flowdock


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 when Flowdock refuses or was never reached."""
    parser = argparse.ArgumentParser(description="Repeat what follows a word, in the same thread.")
    parser.add_argument("flow", metavar="ORG/FLOW", help="where to listen, such as acme/main")
    parser.add_argument("--word", default="!echo", help="what a message has to begin with (default: %(default)s)")
    arguments = parser.parse_args()
    org, _, name = arguments.flow.partition("/")
    if not (org and name):
        parser.error(f"{arguments.flow!r} is not of the form org/flow, such as acme/main")
    # What stops a service ends this program in the same way as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with flowdock.connect(org=org, flow=name) as flow:
            print(f"listening in {flow.org}/{flow.flow} for {arguments.word}", flush=True)
            echo(flow, arguments.word)
    except KeyboardInterrupt:
        return 0
    except flowdock.FlowdockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def echo(flow: flowdock.Flow, word: str) -> None:
    """Answer until the connection is closed."""
    # Our own answers come back on the stream. Knowing them by id instead of by author lets somebody run the bot with
    # their own token and still talk to it.
    own: set[int] = set()
    for event in flow.events():
        if event["event"] != "message":
            continue
        if event["id"] in own:
            own.remove(event["id"])
            continue
        command, _, text = event["content"].strip().partition(" ")
        if command == word and text.strip():
            answer = flow.send(text.strip(), thread_id=event["thread_id"])
            own.add(answer["id"])
            print(f"answered message {event['id']}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
