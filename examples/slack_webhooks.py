"""An endpoint for programs that speak Slack's incoming webhooks: what they post is presented in a flow.

    SLACK_KEY=$(openssl rand -hex 16) python examples/slack_webhooks.py --port 8473
    curl -d '{"text": "Deployed"}' http://127.0.0.1:8473/services/$SLACK_KEY

Give a program this address in place of the one at Slack, and nothing else has to be changed. A text becomes a message
of the flow, and an attachment an item of its inbox: the colour is its status, and what has the same `title_link` (or
`title`) is told in one thread. Blocks become the texts that are in them. The flow token is $FLOWDOCK_FLOW_TOKEN, or
else the one that `flowdock up` stored. Ctrl-C ends it.
"""

import argparse
import html
import json
import os
import re
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import flowdock
from flowdock import constructors as new
from flowdock.protocol.types import Colour

Json: TypeAlias = Mapping[str, Any]

BYTES_LIMIT = 1 << 20
NAME_CHARACTERS = 16
NAMED_COLOURS: Mapping[str, Colour] = {"good": "green", "warning": "orange", "danger": "red"}
COLOURS: Mapping[Colour, tuple[int, int, int]] = {
    "black": (0, 0, 0),
    "blue": (40, 80, 220),
    "cyan": (0, 190, 220),
    "green": (50, 165, 80),
    "grey": (140, 140, 140),
    "lime": (150, 220, 50),
    "orange": (230, 130, 20),
    "purple": (130, 60, 170),
    "red": (210, 40, 40),
    "yellow": (235, 210, 50),
}
WORDS: Mapping[Colour, str] = {"green": "good", "orange": "warning", "red": "danger"}

LINK = re.compile(r"<(?P<url>(?:https?|mailto):[^|>]+)(?:\|(?P<label>[^>]*))?>")


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 without a flow token, 2 without a key."""
    parser = argparse.ArgumentParser(description="Present in a flow what others post to Slack's incoming webhooks.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument("--port", type=int, default=8473, help="the port to listen at; 0 is any free one")
    parser.add_argument("--name", default="Slack", help="who says what has no 'username'")
    arguments = parser.parse_args()
    key = os.environ.get("SLACK_KEY", "")
    if not key:
        parser.error("SLACK_KEY is not set; it is the secret end of the address, such as 'openssl rand -hex 16' gives")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with flowdock.connect(flow_token=None) as service:
            endpoint = Endpoint((arguments.host, arguments.port), service, key=key, name=arguments.name)
            print(f"post to http://{arguments.host}:{endpoint.server_port}/services/…", flush=True)
            with endpoint:
                endpoint.serve_forever()
    except KeyboardInterrupt:
        return 0
    except flowdock.FlowdockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


class Endpoint(ThreadingHTTPServer):
    """What listens. Whoever knows the key may post."""

    def __init__(self, address: tuple[str, int], service: flowdock.Service, *, key: str, name: str) -> None:
        super().__init__(address, Posted)
        self.service = service
        self.path = f"/services/{key}".encode()
        self.name = name


class Posted(BaseHTTPRequestHandler):
    """One request. Answers are the words that Slack has for them."""

    server: Endpoint

    def do_POST(self) -> None:
        """Present what was posted."""
        length = self.headers.get("Content-Length", "")
        if not secrets.compare_digest(self.path.encode(), self.server.path):
            return self._answer(403, "invalid_token")
        if not length.isdecimal() or int(length) > BYTES_LIMIT:
            return self._answer(400, "invalid_payload")
        try:
            payload = payload_in(self.rfile.read(int(length)), self.headers.get("Content-Type", ""))
        except ValueError:
            return self._answer(400, "invalid_payload")
        try:
            count = present(self.server.service, payload, name=self.server.name)
        except (KeyError, TypeError, AttributeError, flowdock.Invalid) as error:
            print(f"not presented: {error}", file=sys.stderr, flush=True)
            return self._answer(400, "invalid_payload")
        except flowdock.FlowdockError as error:
            print(f"not presented: {error}", file=sys.stderr, flush=True)
            return self._answer(503, "service_unavailable")
        return self._answer(200, "ok") if count else self._answer(400, "no_text")

    def _answer(self, status: int, word: str) -> None:
        body = word.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the path has the key in it."""


def payload_in(body: bytes, content_type: str) -> Json:
    """What was posted, as JSON or as a form with the JSON in `payload`.

    Raises:
        ValueError: it is neither.
    """
    text = body.decode()
    if content_type.startswith("application/x-www-form-urlencoded") and text.startswith("payload="):
        text = parse_qs(text)["payload"][0]
    payload = json.loads(text)
    if not isinstance(payload, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - a bad value, like what is no JSON
    return payload


def present(service: flowdock.Service, payload: Json, *, name: str) -> int:
    """Tell the flow all that is in a payload: how many messages and items it became."""
    said_by = str(payload.get("username") or name)
    author = new.author(said_by, avatar=payload.get("icon_url"))
    # With blocks, `text` is only for notifications.
    texts = list(texts_of(payload.get("blocks") or ())) or [payload.get("text") or ""]
    if text := plain("\n".join(texts)).strip():
        service.send(text, re.sub(r"\s+", "_", said_by)[:NAME_CHARACTERS])
    attachments = payload.get("attachments") or []
    for attachment in attachments:
        present_attachment(service, attachment, author)
    return len(attachments) + bool(text)


def present_attachment(service: flowdock.Service, attachment: Json, author: Any) -> None:
    """Present one attachment as an item."""
    text = "\n".join([attachment.get("text") or "", *texts_of(attachment.get("blocks") or ())]).strip()
    title = attachment.get("title") or attachment.get("fallback") or text.partition("\n")[0] or "Attachment"
    colour = colour_of(str(attachment.get("color") or ""))
    if attachment.get("author_name"):
        author = new.author(attachment["author_name"], avatar=attachment.get("author_icon"))
    service.present(
        str(attachment.get("title_link") or title),
        author,
        rich(attachment.get("pretext") or "told this"),
        thread=new.thread(
            plain(title),
            body=rich(text) or None,
            status=new.status(colour, WORDS.get(colour, colour)) if colour else None,
            fields=[new.field(plain(one["title"]), rich(one["value"])) for one in attachment.get("fields") or ()],
            external_url=attachment.get("title_link"),
        ),
    )


def texts_of(blocks: Any) -> Iterator[str]:
    """The texts of blocks, in their order."""
    for block in blocks:
        parts = [block.get("text"), *(block.get("fields") or ()), *(block.get("elements") or ())]
        yield from (part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def plain(text: str) -> str:
    """Slack's markup as a text: links are written out, and what was escaped is as it was."""
    return html.unescape(LINK.sub(lambda link: _with_address(link["label"], link["url"]), text))


def _with_address(label: str | None, url: str) -> str:
    return f"{label} ({url})" if label and label != url else url


def rich(text: str) -> str:
    """Slack's markup as HTML. Slack escapes `&`, `<` and `>` already, so what else looks like HTML is escaped here."""
    links: list[str] = []

    def keep(link: re.Match[str]) -> str:
        label = html.escape(html.unescape(link["label"] or link["url"]))
        links.append(f'<a href="{html.escape(html.unescape(link["url"]))}">{label}</a>')
        return f"\0{len(links) - 1}\0"

    escaped = html.escape(html.unescape(LINK.sub(keep, text.replace("\0", ""))))
    for mark, tag in (("*", "b"), ("_", "i"), ("`", "code")):
        sign = re.escape(mark)
        escaped = re.sub(rf"(?<!\w){sign}(\S(?:[^{sign}\n]*\S)?){sign}(?!\w)", rf"<{tag}>\1</{tag}>", escaped)
    return re.sub("\0(\\d+)\0", lambda found: links[int(found[1])], escaped).replace("\n", "<br>")


def colour_of(color: str) -> Colour | None:
    """The colour of Flowdock's that is nearest to one of Slack's; None for none."""
    if color in NAMED_COLOURS:
        return NAMED_COLOURS[color]
    if not re.fullmatch("#?[0-9a-fA-F]{6}", color):
        return None
    wanted = bytes.fromhex(color.removeprefix("#"))
    return min(COLOURS, key=lambda one: sum((a - b) ** 2 for a, b in zip(COLOURS[one], wanted, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
