"""What one does in the chat besides reading: saying, editing, fetching, going somewhere."""

from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowdock.cli.chat import drawing, orders
from flowdock.cli.chat.composer import Composer
from flowdock.cli.chat.history import Message
from flowdock.cli.chat.orders import Order
from flowdock.cli.chat.place import Place
from flowdock.cli.chat.rail import ordered
from flowdock.cli.chat.saying import Saying
from flowdock.cli.failures import Failure
from flowdock.client import addresses

if TYPE_CHECKING:
    from flowdock.cli.chat.app import ChatApp

THUMB = "thumbsup"


class Doing:
    """The hands of the chat: each of its methods is something one pressed a key for, and returns at once."""

    def __init__(self, app: "ChatApp") -> None:
        self._app = app
        self._talk = app.talk
        self._saying = Saying(app.talk, changed=app._renew_soon)  # noqa: SLF001

    def say(self, composer: Composer, text: str, *, thread_id: str | None, edits: int | None) -> None:
        """Send a text, edit a message, or do what an order says."""
        place = self._talk.current
        if place is not None and edits is not None:
            return self._start(self._edit(place, composer, edits, text))
        try:
            self._obey(place, orders.read(text), thread_id)
        except Failure as failure:
            composer.write(text)
            self._app.tell(str(failure), wrong=True)
        return None

    def _obey(self, place: Place | None, order: Order, thread_id: str | None) -> None:
        if order.command == "/help":
            self._app.action_keys()
        elif order.command == "/quit":
            self._app.action_leave()
        elif place is None:
            raise Failure("there is no flow to say it in yet")
        elif order.command == "/upload" and not Path(order.rest).expanduser().is_file():
            raise Failure(f"there is no file {order.rest!r} here, in {str(Path.cwd())!r}")
        elif order.command == "/status" and place.is_private:
            raise Failure("a status is of a flow; go to one with Ctrl-K")
        else:
            kind = _KINDS[order.command]
            self._start(self._saying.say(place, order.rest, thread_id=thread_id, kind=kind))

    def edit_last(self, composer: Composer, thread_id: str | None) -> None:
        """Change the last thing one said."""
        place = self._talk.current
        history = place and (place.history if thread_id is None else place.thread(thread_id))
        message = history and history.newest_of(self._talk.me, thread_id=thread_id)
        if message:
            composer.edit(message["id"], str(message["content"]))

    def edit_chosen(self) -> None:
        """Change the message that is chosen, if it is one's own."""
        message = self.chosen()
        if message is None or message.get("event") != "message" or str(message.get("user")) != self._talk.me:
            return self._app.tell("only your own messages can be edited; choose one with the arrow keys")
        self._app.composer.edit(message["id"], str(message["content"]))
        self._app.composer.field.focus()
        return None

    def tell_typing(self) -> None:
        """Let the others see that one is writing."""
        if self._talk.current is not None and self._talk.is_open.is_set():
            self._start(self._typing(self._talk.current))

    def thumb(self) -> None:
        """Give the chosen message a thumb, or take it back."""
        message, place = self.chosen(), self._talk.current
        if message is None or place is None or not message.get("thread_id", place.is_private):
            return self._app.tell("choose a message first, with Shift-Tab and the arrow keys")
        had = self._talk.me in (message.get("emojiReactions") or {}).get(THUMB, ())
        where = place.conversation
        return self._start(where.unreact(message["id"], THUMB) if had else where.react(message["id"], THUMB))

    def download(self) -> None:
        """Fetch the file of the chosen message into the current folder."""
        message, place = self.chosen(), self._talk.current
        content = message.get("content") if message else None
        if place is None or not isinstance(content, dict) or not content.get("path"):
            return self._app.tell("choose a file first, with Shift-Tab and the arrow keys")
        return self._start(self._fetch(place, str(content["path"])))

    def retry(self) -> None:
        """Try again what was not sent here."""
        if self._talk.current is not None:
            self._start(self._saying.retry(self._talk.current))

    def give_up(self) -> None:
        """Forget what was refused here."""
        if self._talk.current is not None:
            self._saying.discard(self._talk.current)

    def choices(self) -> list[tuple[str, str]]:
        """Where one may go: places, then people, then the threads of this place, each as (key, name)."""
        places = [(place.key, place.name) for place in ordered(self._talk)]
        known = {key for key, _ in places}
        people = [(f"@{user}", f"@{nick}") for user, nick in self._talk.nicks.items() if user != self._talk.me]
        threads = self._talk.current.history.threads if self._talk.current else {}
        titles = [(f"thread {one}", f"↳ {drawing.title_of(thread)}") for one, thread in reversed(threads.items())]
        return [*places, *(one for one in people if one[0] not in known), *titles]

    def switch(self, key: str | None) -> None:
        """Go where a choice leads."""
        if key and key.startswith("thread "):
            return self._app.open_thread(key.removeprefix("thread "))
        if key:
            self._start(self._app.go_to(self._place(key)))
        return None

    def jump(self, found: str | None) -> None:
        """Go to a message that was found, `place message-id`."""
        key, _, number = (found or "").rpartition(" ")
        if key.startswith("@") or key in self._talk.places:
            self._start(self._app.go_to(self._place(key), message_id=int(number)))

    def _place(self, key: str) -> Place:
        return self._talk.private(key[1:]) if key.startswith("@") else self._talk.places[key]

    def chosen(self) -> Message | None:
        """The message that is chosen where one is, if any."""
        place, key = self._talk.current, self._app.timeline.chosen
        if self._app.pane.timeline.has_focus and self._app.pane.thread_id and place:
            chosen = self._app.pane.timeline.chosen
            return place.thread(self._app.pane.thread_id).messages.get(chosen or 0)
        return place.history.messages.get(key or 0) if place else None

    def _start(self, doing: Coroutine[Any, Any, Any]) -> None:
        self._app.run_worker(self._app.attempt(doing))

    async def _edit(self, place: Place, composer: Composer, message_id: int, text: str) -> None:
        if not await self._app.attempt(place.conversation.edit(message_id, text)):
            composer.edit(message_id, text)

    async def _typing(self, place: Place) -> None:
        await place.conversation.typing()

    async def _fetch(self, place: Place, path: str) -> None:
        target = _free(addresses.target_of(Path(), path))
        self._app.tell(f"fetching {target.name}…")
        await place.conversation.download(path, to=target)
        self._app.tell(f"saved as {target.absolute()}")


_KINDS: dict[str, Any] = {"": "message", "/me": "line", "/status": "status", "/upload": "file"}


def _free(target: Path) -> Path:
    """A path that nothing is lost by: `diagram (1).png` where there is a `diagram.png`."""
    number, free = 0, target
    while free.exists():
        number += 1
        free = target.with_stem(f"{target.stem} ({number})")
    return free
