"""One event of each kind, as our server says it: made by the calls that cause it, taken from REST and from a stream."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image

from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract.flows import NewFlow, make_flow
from tests.contract.plain import Answer, Caller, Stream, basic

THREAD = {
    "title": "Kettle 4",
    "body": "<p>two litres</p>",
    "external_url": "https://example.com/kettles/4",
    "status": {"color": "red", "value": "hot"},
    "fields": [{"label": "Litres", "value": "2"}],
    "actions": [
        {
            "@type": "ViewAction",
            "name": "Look",
            "url": "https://example.com/kettles/4",
            "description": "Look at it",
            "image": "https://example.com/eye.png",
        }
    ],
}
ROBOT = {"name": "Kettle", "avatar": "https://example.com/kettle.png", "email": "kettle@example.com"}


@dataclass(slots=True)
class Said:
    """Events by kind, in both shapes; what REST does not show is only in `stream`."""

    rest: dict[str, Any] = field(default_factory=dict)
    stream: dict[str, Any] = field(default_factory=dict)


class Saying:
    """Says one thing of each kind in a new flow while somebody listens."""

    def __init__(self, server: Server, stream: Stream, flow: NewFlow) -> None:
        self.said = Said()
        self._server = server
        self._flow = flow
        self._stream = stream
        self._alice = Caller(server.url, basic(server.user.token))
        self._bob = Caller(server.url, basic(server.second_user.token))
        self._service = Caller(server.url, {"X-flowdock-wait-for-message": "true"})
        self._messages = f"{flow.path}/messages"

    def chat(self) -> None:
        """What people say."""
        self._keep("message", self._alice.post(self._messages, event="message", content="coffee?"))
        self._keep("status", self._alice.post(self._messages, event="status", content="boiling water"))
        self._keep("line", self._alice.post(self._messages, event="line", content="puts the kettle on"))
        anonymous = {"event": "message", "content": "beep", "external_user_name": "Robot"}
        self._keep("anonymous", self._alice.post(self._messages, **anonymous))
        private = f"/private/{self._server.second_user.id}/messages"
        self._keep("private", self._alice.post(private, event="message", content="tea, rather"))
        self._keep("file", self._alice.post_file(self._messages, "globe.rb", b"puts 1"))
        self._keep("private file", self._alice.post_file(private, "globe.rb", b"puts 1"))
        self._keep("image", self._alice.post_file(self._messages, "cup of tea.png", picture(), "image/png"))
        parent = self.said.rest["status"]["id"]
        self._keep("comment", self._alice.post(f"{self._messages}/{parent}/comments", content="mind your fingers"))

    def inbox(self) -> None:
        """What an integration presents, and a person's reply to it."""
        item = {"flow_token": self._flow.flow_token, "external_thread_id": "4"}
        given = {"event": "activity", "title": "boiled water", "author": ROBOT, "thread": THREAD}
        self._keep("activity", self._service.post("/messages", **item, **given))
        again = {
            "event": "activity",
            "title": "boiled more",
            "author": {"name": "Kettle"},
            "thread": {"title": "Kettle 4"},
        }
        self._keep("bare activity", self._service.post("/messages", **item, **again))
        remark = {"event": "discussion", "title": "said", "body": "It is hot", "author": {"name": "Kettle"}}
        self._keep("discussion", self._service.post("/messages", **item, **remark))
        thread_id = self.said.rest["activity"]["thread_id"]
        self._keep("reply", self._alice.post(self._messages, event="message", content="thanks", thread_id=thread_id))

    def changes(self) -> None:
        """What happens to messages."""
        message, comment = self.said.rest["message"]["id"], self.said.rest["comment"]["id"]
        path = f"{self._messages}/{message}"
        self._alice.put(path, content="coffee, @bob?")
        self._hear("edit")
        self._hear("tags after an edit")
        self._bob.put(path, tags=[":user:2"])
        self._hear("tags after reading")
        self._bob.post(f"{path}/emoji_reaction", type="add", emoji="coffee")
        self._hear("reaction")
        self._alice.put(f"{self._messages}/{comment}", content="mind your toes")
        self._hear("comment edit")
        self._alice.put(f"{self._messages}/{self.said.rest['reply']['id']}", thread_id=None)
        self._hear("rethread")
        self._alice.post("/messages", flow=self._flow.id, event="activity.user")
        self._hear("activity.user")

    def people(self) -> None:
        """What happens to the people of a flow."""

        def create(tx: Transaction) -> tuple[int, str]:
            user_id = setting_up.create_user(
                tx, nick="dora", email="dora@example.com", name="Dora", password_hash=None, org=None, admin=False
            )
            return user_id, setting_up.create_token(tx, user_id=user_id, label="test")

        user_id, token = self._server.do(create)
        with Caller(self._server.url, basic(token)).stream("/stream/flows?user=1") as theirs:
            self._server.do(lambda tx: self._add(tx, user_id))
            self.said.stream["flow-add"] = theirs.next()
            self._keep("add_people", self._alice.get(f"{self._messages}?limit=1&event=action"))
            self._hear("join")
            self._alice.put(f"{self._flow.path}/users/{user_id}", disabled=True)
            self.said.stream["flow-remove"] = theirs.next()
        self._hear("put out")
        self._hear("block")
        self._come_and_go()
        self._bob.put("/users/2", name="Bob B.")
        self._hear("user-edit")

    def _come_and_go(self) -> None:
        """Somebody leaves, and comes back by themselves."""
        self._alice.put(self._flow.path, access_mode="organization")
        self._hear("opened")
        self._hear("flow-change")
        self._bob.put(f"{self._flow.path}/users/2", disabled=True)
        self._hear("left")
        self._hear("block of oneself")
        self._bob.put(self._flow.path, open=True)
        self._hear("came")
        self._hear("join of oneself")

    def _add(self, tx: Transaction, user_id: int) -> None:
        setting_up.add_to_flow(tx, org=self._flow.org, flow=self._flow.name, user_id=user_id, by=self._server.user.id)

    def _keep(self, kind: str, answer: Answer) -> None:
        assert answer.status in {200, 201}, answer.body
        message = answer.json
        self.said.rest[kind] = message[0] if isinstance(message, list) else message
        self._hear(kind)

    def _hear(self, kind: str) -> None:
        self.said.stream[kind] = self._stream.next()


def picture() -> bytes:
    """A PNG large enough to need a thumbnail."""
    written = BytesIO()
    Image.effect_noise((320, 200), 50).save(written, "PNG")
    return written.getvalue()


def say_everything(server: Server) -> Said:
    """All kinds."""
    flow = make_flow(server)
    alice = Caller(server.url, basic(server.user.token))
    with alice.stream(f"/stream/flows?filter={flow.id}&user=1") as stream:
        saying = Saying(server, stream, flow)
        saying.chat()
        saying.inbox()
        saying.changes()
        saying.people()
    return saying.said
