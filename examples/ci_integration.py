r"""A build server: each build is a thread of the inbox with a status, and has a button that builds it again.

    python examples/ci_integration.py 'make test' --port 8472 --url http://ci.example.com:8472
    curl -H "Authorization: Bearer $CI_KEY" -d '{"commit": "1f3a", "title": "Fix the lamp", "author": "Ray"}' \
        http://127.0.0.1:8472/builds

The command runs once for each build, one build after the other, with $COMMIT set; it passed when it ends with 0.
Whoever presses *Build again* has it built again in their name: Flowdock signs what it asks, and nothing is done for
anybody else. $CLIENT_SECRET is that of the application behind the source (docs/how-to/act-on-threads.md says how to
make one), $CI_KEY lets a repository's hook tell of a commit. The flow token is $FLOWDOCK_FLOW_TOKEN. Builds are
forgotten when it ends, which Ctrl-C does.
"""

import argparse
import html
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import flowdock
from flowdock import actions
from flowdock import constructors as new
from flowdock.protocol.types import Colour

BYTES_LIMIT = 1 << 16
SHOWN_LINES = 10


@dataclass(frozen=True, slots=True)
class Build:
    """What is to be built."""

    commit: str
    title: str
    author: str


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 when Flowdock refuses, 2 without a secret."""
    parser = argparse.ArgumentParser(description="Build commits, and tell a flow what came of it.")
    parser.add_argument("command", help="what builds a commit, for a shell; $COMMIT is the commit")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument("--port", type=int, default=8472, help="the port to listen at; 0 is any free one")
    parser.add_argument("--url", help="where Flowdock reaches this program, if not there")
    arguments = parser.parse_args()
    missing = [name for name in ("CLIENT_SECRET", "CI_KEY") if not os.environ.get(name)]
    if missing:
        parser.error(f"{' and '.join(missing)} must be set")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with flowdock.connect(flow_token=None) as service, Desk((arguments.host, arguments.port)) as desk:
            url = arguments.url or f"http://{arguments.host}:{desk.server_port}"
            threading.Thread(target=desk.serve_forever, daemon=True).start()
            print(f"tell of commits at {url}/builds", flush=True)
            while True:
                build, for_whom = desk.waiting.get()
                run(service, build, for_whom, command=arguments.command, url=url)
    except KeyboardInterrupt:
        return 0
    except flowdock.FlowdockError as error:
        print(error, file=sys.stderr)
        return 1


def run(service: flowdock.Service, build: Build, for_whom: str, *, command: str, url: str) -> None:
    """Build it, and tell the flow when it begins and what came of it."""
    present(service, build, for_whom, "started the build", colour="blue", state="running", url=url)
    began = time.monotonic()
    done = subprocess.run(  # noqa: S602 - whoever starts this program says what the shell shall do
        command,
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "COMMIT": build.commit},
        text=True,
        errors="replace",
        check=False,
    )
    passed = done.returncode == 0
    state = "passed" if passed else "failed"
    told = f"saw it {'pass' if passed else 'fail'} after {time.monotonic() - began:.0f} s"
    last = "\n".join(done.stdout.splitlines()[-SHOWN_LINES:])
    present(
        service,
        build,
        for_whom,
        told,
        colour="green" if passed else "red",
        state=state,
        url=url,
        output=last,
        again=True,
    )
    print(f"{build.commit} {state}", flush=True)


def present(
    service: flowdock.Service,
    build: Build,
    for_whom: str,
    told: str,
    *,
    colour: Colour,
    state: str,
    url: str,
    output: str = "",
    again: bool = False,
) -> None:
    """Tell what happened to a build; its thread is that of its commit."""
    button = new.update_action("Build again", f"{url}/builds/{build.commit}/again")
    thread = new.thread(
        f"{build.title} ({build.commit})",
        body=f"<pre>{html.escape(output)}</pre>" if output else None,
        status=new.status(colour, state),
        fields=[new.field("Author", html.escape(build.author))],
        actions=[button] if again else None,
    )
    service.present(f"build-{build.commit}", new.author(for_whom), told, thread=thread)


class Desk(ThreadingHTTPServer):
    """Where commits are told and buttons arrive. `waiting` has each build, and in whose name it is wanted."""

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Asked)
        self.waiting: queue.SimpleQueue[tuple[Build, str]] = queue.SimpleQueue()
        self.known: dict[str, Build] = {}


class Asked(BaseHTTPRequestHandler):
    """One request: a commit from a repository's hook, or a button from Flowdock."""

    server: Desk

    def do_POST(self) -> None:
        """Take it, if it comes from who may."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BYTES_LIMIT:
            return self._answer(413)
        body = self.rfile.read(int(length))
        if self.path == "/builds":
            return self._answer(self._take_commit(body))
        _, _, rest = self.path.partition("/builds/")
        commit, _, verb = rest.partition("/")
        return self._answer(self._build_again(commit, body) if verb == "again" else 404)

    def _take_commit(self, body: bytes) -> int:
        given = self.headers.get("Authorization", "").encode()
        if not secrets.compare_digest(given, f"Bearer {os.environ['CI_KEY']}".encode()):
            return 403
        try:
            told: Mapping[str, str] = json.loads(body)
            build = Build(str(told["commit"]), str(told["title"]), str(told["author"]))
        except (ValueError, KeyError, TypeError):
            return 400
        if not build.commit.isalnum():
            return 400
        self.server.known[build.commit] = build
        self.server.waiting.put((build, build.author))
        return 202

    def _build_again(self, commit: str, body: bytes) -> int:
        try:
            actions.verify(self.headers, body, os.environ["CLIENT_SECRET"])
        except flowdock.Unverified as error:
            print(f"refused: {error}", file=sys.stderr, flush=True)
            return 403
        build = self.server.known.get(commit)
        if build is None:
            return 404
        self.server.waiting.put((build, json.loads(body)["agent"]["name"]))
        return 202

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


if __name__ == "__main__":
    sys.exit(main())
