"""The chat as one sees it: the rail, the messages, a thread at the side, and the line that tells how it stands."""

from collections.abc import Awaitable
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.theme import Theme
from textual.widgets import Static

from flowdock import AsyncClient, FlowdockError
from flowdock.cli.chat import completion, writing
from flowdock.cli.chat.colours import DAY, NIGHT, Palette
from flowdock.cli.chat.completion import Completion
from flowdock.cli.chat.composer import Composer
from flowdock.cli.chat.doing import Doing
from flowdock.cli.chat.jumping import Keys, Search, Switcher
from flowdock.cli.chat.place import Place
from flowdock.cli.chat.rail import Rail, ordered
from flowdock.cli.chat.talk import Talk
from flowdock.cli.chat.thread import ThreadPane, where
from flowdock.cli.chat.timeline import Timeline
from flowdock.cli.failures import sentence
from flowdock.protocol import tags

NARROW, SLIM = 110, 64
"""Columns: below the first the rail makes way for an open thread, below the second the messages do, too."""

STATES = {
    "connecting": "◌ connecting…",
    "backfilling": "◌ catching up…",
    "open": "● connected",
    "waiting": "✗ no connection, trying again",
    "closed": "✗ not connected",
}


class ChatApp(App[None]):
    """`flowdock chat`. `place` is where it begins: `org/flow` or `@nick`; without, the first flow there is."""

    CSS_PATH = "chat.tcss"
    TITLE = "flowdock chat"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+k", "switch", "go to", priority=True),
        Binding("ctrl+f", "search", "search", priority=True),
        Binding("ctrl+n", "next_waiting", "what waits", priority=True),
        Binding("ctrl+t", "turn", "light or dark", priority=True),
        Binding("ctrl+r", "retry", "try again", priority=True),
        Binding("ctrl+g", "give_up", "give up", priority=True),
        Binding("ctrl+q", "leave", "leave", priority=True),
        Binding("f1,question_mark", "keys", "keys"),
        Binding("slash", "search", show=False),
        Binding("escape", "back", show=False),
        Binding("enter,r", "answer", show=False),
        Binding("e", "edit", show=False),
        Binding("d", "download", show=False),
        Binding("plus", "thumb", show=False),
    ]

    def __init__(self, client: AsyncClient, *, place: str | None = None, dark: bool = True) -> None:
        super().__init__()
        self.talk = Talk(client, changed=self._renew_soon, stated=self._state)
        self.doing = Doing(self)
        # Kept here because a query finds only what is on the screen on top, which may be a box.
        self.body = Horizontal(id="body")
        self.rail = Rail(self.talk, id="rail")
        self.timeline = Timeline(self.talk, id="timeline")
        self.typing = Static(id="typing", markup=False)
        self.composer = Composer(self._complete, id="composer")
        self.pane = ThreadPane(self.talk, self._complete, id="pane")
        self.status = Static(id="status", markup=False)
        self._begins_at = place
        self._dark = dark
        self._is_renewing = False
        self._may_leave = False

    def compose(self) -> ComposeResult:
        """Everything there ever is; the thread is hidden at first."""
        with self.body:
            yield self.rail
            with Vertical(id="talk"):
                yield self.timeline
                yield self.typing
                yield self.composer
            yield self.pane
        yield self.status

    def on_mount(self) -> None:
        """Begin to listen, and show where one is."""
        self.register_theme(_theme("night", NIGHT))
        self.register_theme(_theme("day", DAY))
        self.theme = "night" if self._dark else "day"
        self.pane.close()
        self.set_interval(1, self._renew_typing)
        self._state("connecting", None)
        self.composer.field.focus()
        self._begin()

    @work
    async def _begin(self) -> None:
        await self.attempt(self._go())

    async def _go(self) -> None:
        await self.talk.begin()
        self._listen()
        there = ordered(self.talk)
        wanted = next((one for one in there if one.name == self._begins_at), None)
        if wanted is None and self._begins_at and self._begins_at.startswith("@"):
            uid = await self.talk.client.get_uid(self._begins_at[1:])
            wanted = self.talk.private(str(uid))
        if there or wanted:
            await self.go_to(wanted or there[0])
        else:
            self.tell("you are in no flow yet; somebody has to add you to one")

    @work
    async def _listen(self) -> None:
        try:
            await self.talk.listen()
        except FlowdockError as error:
            self._state("closed", error)

    async def go_to(self, place: Place, *, message_id: int | None = None) -> None:
        """Show a place, and if wanted a message of it."""
        before = self.talk.current
        if before is not None:
            before.drafts[None] = self.composer.text
        self.close_thread()
        self.talk.current = before if before is place else self.talk.current
        await self.attempt(self.talk.open(place))
        self.timeline.show(place)
        self.composer.go_to(where(place, None, dark=self._dark), place.drafts.get(None, ""))
        if message_id is not None:
            await self.attempt(self.talk.reach(place, message_id))
            self.renew()
            self.timeline.focus()
            self.timeline.choose(message_id)

    async def attempt(self, doing: Awaitable[None]) -> bool:
        """Do something of which a failure is told; whether it went well."""
        try:
            await doing
        except (FlowdockError, OSError) as error:
            self.tell(sentence(error), wrong=True)
            return False
        return True

    def tell(self, text: str, *, wrong: bool = False) -> None:
        """Say something to who is looking, for a while."""
        self.notify(writing.one_line(text), severity="error" if wrong else "information", markup=False)

    def open_thread(self, thread_id: str) -> None:
        """Open a thread at the side."""
        place = self.talk.current
        if place is None or self.pane.thread_id == thread_id:
            return
        self.pane.open(place, thread_id)
        self.body.add_class("threaded")
        self.timeline.lit = thread_id
        self.timeline.refresh()
        self.run_worker(self.attempt(self.talk.read_thread(place, thread_id)), group="thread", exclusive=True)

    def close_thread(self) -> None:
        """Close what is open at the side."""
        self.pane.close()
        self.body.remove_class("threaded")
        self.timeline.lit = self.timeline.chosen = None
        self.timeline.refresh()

    def renew(self) -> None:
        """Show what has changed."""
        self._is_renewing = False
        if not self.is_running:
            return
        self.rail.renew()
        self.timeline.renew()
        self.pane.renew()
        self._renew_typing()

    def _renew_soon(self) -> None:
        """Show what has changed once for all that changes at this moment."""
        if not self._is_renewing:
            self._is_renewing = True
            self.call_later(self.renew)

    def _renew_typing(self) -> None:
        place = self.talk.current
        nicks = [self.talk.nick_of(user) for user in place.writers(besides=self.talk.me)] if place else []
        names = " and ".join(writing.shortened(nick, 20) for nick in nicks)
        told = (
            "several people are writing…"
            if len(nicks) > 2
            else f"{names} {'is' if len(nicks) == 1 else 'are'} writing…"
        )
        self.typing.update(Content(told if nicks else ""))

    def _state(self, state: str, failure: FlowdockError | None) -> None:
        told = STATES.get(state, state) + (f": {writing.one_line(sentence(failure))}" if failure else "")
        status = Text.assemble(f" {told} ", "  F1 keys  Ctrl-K go to  Ctrl-F search  Ctrl-Q leave")
        if self.status.is_attached:
            self.status.set_class(state in {"waiting", "closed"}, "wrong")
            self.status.update(Content.from_rich_text(status))

    def _complete(self, before: str) -> list[Completion]:
        place = self.talk.current
        messages = place.history.all() if place else []
        found = [tag for one in messages for tag in one.get("tags") or () if not tag.startswith((":", "influx:"))]
        nicks = [*self.talk.nicks.values(), tags.TEAM, "everyone"]
        return completion.completions(before, nicks=nicks, tags=found)

    def on_resize(self) -> None:
        """Make room."""
        self.body.set_class(self.size.width < NARROW, "narrow")
        self.body.set_class(self.size.width < SLIM, "slim")

    def on_app_blur(self) -> None:
        """Nobody looks: what comes now is new."""
        self.talk.is_watched = False

    async def on_app_focus(self) -> None:
        """Somebody looks again, and has read what came up to now."""
        self.talk.is_watched = True
        if self.talk.current is not None:
            await self.attempt(self.talk.read(self.talk.current))

    @on(Rail.Chosen)
    async def _go_to_chosen(self, event: Rail.Chosen) -> None:
        await self.go_to(self.talk.places[event.key])
        self.composer.field.focus()

    @on(Timeline.Chosen)
    def _open_chosen(self, event: Timeline.Chosen) -> None:
        place = self.talk.current
        message = place.history.messages.get(event.message_id) if place else None
        if message is None or event.timeline is not self.timeline:
            return
        thread_id = message.get("thread_id")
        if self.body.has_class("slim"):
            self.timeline.lit = thread_id  # the thread would hide what one chooses from: Enter opens it
        elif thread_id:
            self.open_thread(thread_id)
        else:
            chosen = self.timeline.chosen
            self.close_thread()
            self.timeline.chosen = chosen

    @on(Timeline.OlderWanted)
    def _read_older(self) -> None:
        if self.talk.current is not None:
            self.run_worker(self.attempt(self.talk.older(self.talk.current)), group="older", exclusive=True)

    @on(Composer.Sent)
    def _say(self, event: Composer.Sent) -> None:
        thread_id = self.pane.thread_id if event.composer is self.pane.composer else None
        self.doing.say(event.composer, event.text, thread_id=thread_id, edits=event.edits)

    @on(Composer.EditWanted)
    def _edit_last(self, event: Composer.EditWanted) -> None:
        thread_id = self.pane.thread_id if event.composer is self.pane.composer else None
        self.doing.edit_last(event.composer, thread_id)

    @on(Composer.Typing)
    def _tell_typing(self) -> None:
        self.doing.tell_typing()

    @on(Composer.Left)
    async def _leave_composer(self) -> None:
        await self.action_back()

    async def action_back(self) -> None:
        """Close the thread, and write again."""
        self.close_thread()
        self.composer.field.focus()

    def action_answer(self) -> None:
        """Answer in the thread of the chosen message."""
        message = self.doing.chosen()
        if message is not None and message.get("thread_id"):
            self.open_thread(message["thread_id"])
        (self.pane.composer if self.pane.display else self.composer).field.focus()

    def action_edit(self) -> None:
        """Change the message that is chosen."""
        self.doing.edit_chosen()

    def action_download(self) -> None:
        """Fetch the file that is chosen."""
        self.doing.download()

    def action_thumb(self) -> None:
        """Give the message that is chosen a thumb, or take it back."""
        self.doing.thumb()

    def action_retry(self) -> None:
        """Try again what was not sent."""
        self.doing.retry()

    def action_give_up(self) -> None:
        """Forget what was not sent."""
        self.doing.give_up()

    def action_keys(self) -> None:
        """Show the keys."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Keys())

    def action_switch(self) -> None:
        """Go to a flow, a person or a thread."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Switcher(self.doing.choices()), self.doing.switch)

    def action_search(self) -> None:
        """Search everything."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Search(self.talk.client, self.talk.nick_of, self.talk.me), self.doing.jump)

    async def action_next_waiting(self) -> None:
        """Go to the next place where something waits."""
        waiting = [place for place in ordered(self.talk) if place.waits and place is not self.talk.current]
        if waiting:
            await self.go_to(max(waiting, key=lambda place: (place.mentions > 0, place.is_private)))

    def action_turn(self) -> None:
        """Light instead of dark, or the other way round."""
        self._dark = not self._dark
        self.theme = "night" if self._dark else "day"
        self.renew()

    def action_leave(self) -> None:
        """Leave, the second time even if something was not sent."""
        left = sum(len(place.outgoing) for place in self.talk.places.values())
        if left and not self._may_leave:
            self._may_leave = True
            return self.tell(f"not sent yet: {left}; Ctrl-Q again leaves without them", wrong=True)
        return self.exit()

    async def on_unmount(self) -> None:
        """End the connections."""
        await self.talk.client.close()


def _theme(name: str, palette: Palette) -> Theme:
    return Theme(
        name=name,
        primary=palette.accent,
        accent=palette.accent,
        foreground=palette.ink,
        background=palette.paper,
        surface=palette.paper,
        panel=palette.code,
        error=palette.error,
        dark=palette.dark,
    )
