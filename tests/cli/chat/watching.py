"""The chat as somebody in front of it has it: keys in, what is on the screen out."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

import flowdock
from flowdock.cli.chat.app import ChatApp
from flowdock.cli.chat.composer import Field
from flowdock.testing import Account, Server

SECONDS = 15
"""After which a test gives up waiting."""


class Watched:
    """A chat that runs."""

    def __init__(self, app: ChatApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> str:
        """Everything that can be read."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    @property
    def messages(self) -> list[str]:
        """The lines of the timeline, also those out of sight."""
        return [row.strip.text.rstrip() for row in self.app.timeline._rows]

    @property
    def thread(self) -> list[str]:
        """The lines of the thread at the side."""
        return [row.strip.text.rstrip() for row in self.app.pane.timeline._rows]

    def count(self, text: str) -> int:
        """How many lines of the timeline hold this."""
        return sum(text in line for line in self.messages)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        """Write a text where the cursor is, without sending it."""
        field = self.app.focused
        assert isinstance(field, Field)
        field.insert(text)
        await self.pilot.pause()

    async def say(self, text: str) -> None:
        """Write a text and send it."""
        await self.write(text)
        await self.press("enter")

    async def choose(self, text: str) -> None:
        """Go with the arrow keys to the message with this text."""
        self.app.timeline.focus()
        await self.press("end")
        for _ in range(len(self.messages)):
            chosen = [row.strip.text for row in self.app.timeline._rows if row.key == self.app.timeline.chosen]
            if any(text in line for line in chosen):
                return
            await self.press("up")
        raise AssertionError(f"no message {text!r} in:\n{self.screen}")

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for something to be so."""
        try:
            async with asyncio.timeout(SECONDS):
                while not holds():
                    await asyncio.sleep(0.01)
                    await self.pilot.pause()
        except TimeoutError:
            raise AssertionError(self.screen) from None

    async def sees(self, text: str) -> None:
        """Wait for a text to be on the screen."""
        await self.until(lambda: text in self.screen)


@asynccontextmanager
async def watching(
    server: Server, who: Account, *, place: str | None = None, size: tuple[int, int] = (100, 30)
) -> AsyncGenerator[Watched]:
    """The chat of somebody, once it shows a place and listens."""
    client = flowdock.connect_async(token=who.token, api_url=server.url)
    app = ChatApp(client, place=place)
    async with app.run_test(size=size, notifications=True) as pilot:
        watched = Watched(app, pilot)
        await watched.until(lambda: app.talk.current and app.talk.current.is_loaded and app.talk.is_open.is_set())
        yield watched


def run(scenario: Awaitable[None]) -> None:
    """Run a scenario to its end."""

    async def all_of_it() -> None:
        await scenario

    asyncio.run(all_of_it())
